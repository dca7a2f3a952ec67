import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Recorded, type RunOptions, runProgram } from './recording-engine';

// Beside the others, whose imports it has.
const folder = mkdtempSync(join(__dirname, 'programs/short-'));
afterAll(() => rmSync(folder, { recursive: true }));

let programs = 0;

/** Runs a program that begins with an app, a chart, an Output, and what makes others. */
export async function run(body: string, options: Omit<RunOptions, 'program'> = {}): Promise<Recorded> {
  programs += 1;
  const program = join(folder, `${programs}.ts`);
  writeFileSync(
    program,
    `import * as pulumi from '@pulumi/pulumi';
import { ApiObject, App, Chart, JsonPatch, Yaml } from 'cdk8s';
import { AcmeSolver, Certificate, CertManagerIssuer, CertificateStrategy, DnsEndpoint, ExistingTraefik, HostedZone, KvSeedJob, KvStore, LoadBalancer, Match } from '../../../../lib';
import * as ha from '../../../../lib/pulumi';
const app = new App();
const chart = new Chart(app, 'edge', { namespace: 'edge' });
const late = (value: string) => pulumi.output(Promise.resolve(value));
const output = late('say "hi"');
const object = (id: string, manifest: object) => new ApiObject(chart, id, manifest as any);
const settings = (id: string, data: object, name = 'settings') =>
  object(id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
${body}
`,
  );
  return runProgram({ program, ...options });
}
