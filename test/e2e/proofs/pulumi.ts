import { answerOfAws, DECLARATIONS } from '../../pulumi/declarations';
import { revealedSecrets, runProgram } from '../../pulumi/recording-engine';
import type { Manifest } from '../../support/synthesize';
import type { LiveObject } from '../lab/kubectl';
import type { Stage } from '../support/stage';

/** What Pulumi asks for, applied as its provider does, is what `cdk8s synth` gives. */
export function pulumi(stage: () => Stage): void {
  test.each(Object.entries(DECLARATIONS))(
    '%s: every object is taken, strictly and in the order of dependencies, and the cluster is that of cdk8s',
    async (name, { declared, others, ...program }) => {
      const { kubectl, figures } = stage();
      const wanted = declared();
      const words = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'words', namespace: 'default' } };
      // What was there when an object was asked for: all that it depends on, as the engine would wait for.
      const there = new Set<string>();
      try {
        const { resources, errors, warnings } = await runProgram({
          ...program,
          answer: async (resource) => {
            const early = resource.dependencies.filter((urn) => isObject(urn) && !there.has(urn));
            if (early.length > 0) throw new Error(`${resource.name} is asked for before ${early.join(', ')}`);
            const answer = isObject(resource.urn)
              ? { ...(await applied(stage(), revealedSecrets(resource.inputs) as Manifest)) }
              : answerOfAws(resource);
            there.add(resource.urn);
            return answer;
          },
        });
        expect([errors, warnings]).toEqual([[], []]);
        expect([...there].filter(isObject)).toHaveLength(
          wanted.length + others.filter((other) => other === 'words').length,
        );
        const byPulumi = await live(stage(), wanted);
        await stage().remove(wanted);

        for (const object of wanted) await kubectl.apply([object]);
        expect(byPulumi).toEqual(await live(stage(), wanted));
        expect(Object.keys(byPulumi)).toHaveLength(wanted.length);
        figures.add({
          proof: 'Pulumi',
          what: `${name}, applied by its requests`,
          served: `${resources.length} registrations; ${wanted.length} objects, the same as by cdk8s`,
        });
      } finally {
        await stage().remove(wanted);
        await kubectl.delete([words]);
      }
    },
  );
}

/** Whether it is an object of Kubernetes, and no provider of one. */
function isObject(urn: string): boolean {
  return /(?:::|\$)kubernetes:/.test(urn);
}

/** As the provider applies an object: what it is then, with what the API server added. */
async function applied({ kubectl }: Stage, object: Manifest): Promise<LiveObject> {
  const command = ['apply', '--server-side', '--validate=strict', '-o', 'json', '-f', '-'];
  const { stdout, stderr } = await kubectl.run(command, { input: JSON.stringify(object) });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as LiveObject;
}

/** The objects as the API server has them, without what differs each time. */
async function live({ kubectl }: Stage, objects: readonly Manifest[]): Promise<Record<string, unknown>> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const { stdout } = await kubectl.run(['get', '-f', '-', '-o', 'json'], { input });
  const { items } = JSON.parse(stdout) as { items: LiveObject[] };
  return Object.fromEntries(
    items.map(({ kind, metadata, status: _, ...content }) => {
      const { name, namespace = '', labels, ownerReferences } = metadata;
      const { 'deployment.kubernetes.io/revision': __, ...annotations } = metadata.annotations ?? {};
      return [`${kind} ${namespace}/${name}`, { labels, annotations, ownerReferences, ...withoutAddresses(content) }];
    }),
  );
}

/** A Service is given other addresses and ports each time. */
function withoutAddresses(content: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(content, (key, value) =>
    ['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort'].includes(key) ? undefined : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
