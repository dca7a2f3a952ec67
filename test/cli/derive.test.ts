import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { parseAllDocuments, stringify } from 'yaml';
import { ingressRoute } from '../rotater/support';

// The command as it is published: one bundle, its packages beside it.
const folder = mkdtempSync(join(tmpdir(), 'traefik-ha-cli-'));
const program = join(__dirname, `../../node_modules/.cache/traefik-ha/cli-${process.pid}.js`);

beforeAll(() => {
  const entryPoints = [join(__dirname, '../../lib/cli/main.ts')];
  buildSync({ entryPoints, outfile: program, bundle: true, packages: 'external', platform: 'node', target: 'node20' });
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(program);
});

function traefikHa(args: readonly string[], input?: string | Buffer) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}
const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
const kinds = (text: string) =>
  parseAllDocuments(text).map((document) => `${document.get('kind')} ${document.getIn(['metadata', 'name'])}`);

const ROUTE = stringify(ingressRoute());
const OPTIONS = ['--issuer', 'letsencrypt', '--target', '203.0.113.10'];

test('in a pipe', () => {
  const { status, stdout, stderr } = traefikHa(['derive', ...OPTIONS], ROUTE);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.startsWith(ROUTE)).toBe(true);
  expect(kinds(stdout)).toEqual(['IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web']);
});

test('files and folders, in the order of names', () => {
  mkdirSync(join(folder, 'manifests/deeper'), { recursive: true });
  file('manifests/b.yaml', ROUTE);
  file('manifests/deeper/a.json', JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'j' } }));
  file('manifests/notes.txt', 'not read: [');
  const { status, stdout } = traefikHa(['derive', ...OPTIONS, 'manifests', '-'], '');
  expect(status).toBe(0);
  expect(kinds(stdout)).toEqual(['IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web', 'ConfigMap j']);
});

test('a mounted ConfigMap: each file once', () => {
  mkdirSync(join(folder, 'mounted/..2026'), { recursive: true });
  file('mounted/..2026/a.yaml', ROUTE);
  symlinkSync('..2026', join(folder, 'mounted/..data'));
  symlinkSync('..data/a.yaml', join(folder, 'mounted/a.yaml'));
  symlinkSync('.', join(folder, 'mounted/loop'));
  const { stdout, stderr } = traefikHa(['derive', ...OPTIONS, 'mounted']);
  expect(stderr).toBe('');
  expect(kinds(stdout)).toEqual(['IngressRoute web', 'Certificate web-tls', 'DNSEndpoint web']);
  symlinkSync('nowhere', join(folder, 'mounted/b.yaml'));
  expect(traefikHa(['derive', ...OPTIONS, 'mounted']).stderr).toMatch(/^INPUT-02 \[mounted\/b\.yaml\]/);
});

test('what is no text is refused, and not altered', () => {
  const bytes = Buffer.concat([Buffer.from(`${ROUTE}---\na: "caf`), Buffer.from([0xe9]), Buffer.from('"\n')]);
  expect(traefikHa(['derive', ...OPTIONS], bytes)).toEqual({
    status: 2,
    stdout: '',
    stderr: 'INPUT-01 [stdin] not a text in UTF-8. Convert it; nothing was written\n',
  });
});

test('options count more than the file, and integrations can be turned off', () => {
  file('edge.yaml', 'certificates: { issuer: from-file }\ndns: { targets: [203.0.113.10], ttlSeconds: 60 }\n');
  const both = traefikHa(
    ['derive', '-c', 'edge.yaml', '--ttl', '30', '--issuer', 'Issuer/ours', '--only-derived'],
    ROUTE,
  );
  expect(both.stdout).toMatch(/kind: Issuer\n {4}name: ours/);
  expect(both.stdout).toMatch(/recordTTL: 30/);
  expect(kinds(traefikHa(['derive', '-c', 'edge.yaml', '--no-dns', '--only-derived'], ROUTE).stdout)).toEqual([
    'Certificate web-tls',
  ]);
  expect(kinds(traefikHa(['derive', '-c', 'edge.yaml', '--no-certificates', '--only-derived'], ROUTE).stdout)).toEqual([
    'DNSEndpoint web',
  ]);
});

test('lists are separated by commas, or given one by one', () => {
  const args = ['derive', '--target', '203.0.113.10,203.0.113.11', '--target', '2001:db8::1', '--only-derived'];
  const { stdout } = traefikHa(args, ROUTE);
  expect(stdout).toMatch(/- 203\.0\.113\.10\n\s+- 203\.0\.113\.11\n/);
  expect(stdout).toMatch(/AAAA/);
});

test('an exec function of kustomize', () => {
  const list = stringify({
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    functionConfig: {
      apiVersion: 'traefik-ha/v1',
      kind: 'Derive',
      metadata: { name: 'x' },
      spec: { dns: { targets: ['203.0.113.10'] } },
    },
    items: [ingressRoute()],
  });
  const { status, stdout } = traefikHa(['derive'], list);
  expect(status).toBe(0);
  expect(stdout).toMatch(/kind: DNSEndpoint/);
  const wrong = traefikHa(['derive'], list.replace('Host(`', 'Hst(`'));
  expect([wrong.status, kinds(wrong.stdout)]).toEqual([2, ['ResourceList undefined']]);
  expect(wrong.stderr).toMatch(/^RULE-02/);
});

describe('ends with 2, writes nothing, and says in a line each', () => {
  test.each([
    [
      ['derive', ...OPTIONS],
      'a: [',
      'INPUT-01 [stdin:1:5] neither YAML nor JSON: flow sequence in block collection must be sufficiently indented and end with a ] (a: [). Correct it there; nothing was written\n',
    ],
    [
      ['derive', ...OPTIONS, 'missing.yaml'],
      '',
      'INPUT-02 [missing.yaml] there is no such file or folder (ENOENT). Give files, folders, or - for standard input\n',
    ],
    [
      ['derive', '-c', 'missing.yaml'],
      '',
      'INPUT-02 [missing.yaml] there is no such file (ENOENT). Give the path of a file with settings\n',
    ],
    [
      ['derive'],
      ROUTE,
      'SETTINGS-02 [options] neither certificates nor DNS records are asked for. Give an issuer, targets, or both\n',
    ],
    [
      ['derive', '--target', '203.0.113.10', '--ttl', 'long'],
      ROUTE,
      'SETTINGS-01 [--ttl] dns.ttlSeconds is a time in seconds (long). Write ttlSeconds: 300\n',
    ],
    [
      ['derive', ...OPTIONS, '--zone', 'example.org'],
      ROUTE,
      'ZONE-01 [stdin:9:14] in none of the zones example.org (www.example.com). Add the zone that holds it to zones, or use a name below example.org\n',
    ],
    [['derive', ...OPTIONS, '--strict'], ROUTE.replace('Host', 'Path'), 'RULE-05'],
    [['derive', '--bogus'], '', "error: unknown option '--bogus'\n(--help tells what there is)\n"],
    [['bogus'], '', "error: unknown command 'bogus'\n(--help tells what there is)\n"],
  ])('%j', (args, input, expected) => {
    const { status, stdout, stderr } = traefikHa(args, input);
    expect(stderr.startsWith(expected) ? expected : stderr).toBe(expected);
    expect([status, stdout]).toEqual([2, '']);
  });

  test('a configuration file, with its lines and columns', () => {
    file('wrong.yaml', 'certificates:\n  issuer: letsencrypt\n  stratgy: per-route\ndns:\n  service: edge/traefik\n');
    expect(traefikHa(['derive', '-c', 'wrong.yaml'], ROUTE).stderr).toBe(
      'SETTINGS-01 [wrong.yaml:3:12] there is no such setting here (stratgy). There are issuer, strategy, wildcardNamespace, template\n',
    );
  });

  test('a configuration that is none, whatever the options say', () => {
    for (const text of ['[1, 2]', 'hello', 'certificates: []\ndns: {}']) {
      file('shape.yaml', text);
      expect(traefikHa(['derive', '-c', 'shape.yaml', ...OPTIONS], ROUTE).stderr).toMatch(
        /^SETTINGS-01 \[shape\.yaml:/,
      );
    }
  });

  test("a Service's addresses, which files do not tell", () => {
    file('service.yaml', 'dns: { service: edge/traefik }\n');
    expect(traefikHa(['derive', '-c', 'service.yaml'], ROUTE).stderr).toBe(
      'SETTINGS-04 [dns.service] the filter reads files only, and cannot ask a cluster where a Service is reached (edge/traefik). Give --target\n',
    );
    // The same file does for the controller.
    const { status, stdout } = traefikHa(['derive', '-c', 'service.yaml', '--target', '203.0.113.10'], ROUTE);
    expect([status, kinds(stdout)]).toEqual([0, ['IngressRoute web', 'DNSEndpoint web']]);
  });
});

test('a route without a usable host is named on standard error', () => {
  const { status, stdout, stderr } = traefikHa(['derive', ...OPTIONS], ROUTE.replace(/Host\(.*\)/, 'PathPrefix(`/`)'));
  expect(status).toBe(0);
  expect(kinds(stdout)).toEqual(['IngressRoute web']);
  expect(stderr).toBe(
    'note: RULE-07 [stdin:9:14] the rule names no host. Add Host(`a.example.com`), or HostSNI for TCP\n',
  );
});

test('with --strict notes are mistakes', () => {
  const old = ROUTE.replace('traefik.io/', 'traefik.containo.us/');
  expect(traefikHa(['derive', ...OPTIONS], old)).toMatchObject({
    status: 0,
    stdout: old,
    stderr: expect.stringMatching(/^note: ROUTE-19 \[stdin:1:13\]/),
  });
  expect(traefikHa(['derive', ...OPTIONS, '--strict'], old)).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(/^ROUTE-19 \[stdin:1:13\]/),
  });
});

test('the help shows what Helm takes: each argument by a flag of its own', () => {
  expect(traefikHa(['derive', '--help']).stdout).toContain(
    '--post-renderer-args derive --post-renderer-args --config=edge.yaml',
  );
});

test('who reads no further, such as head, is no mistake', () => {
  const many = Array.from(
    { length: 3000 },
    (_, index) =>
      `---\n${stringify(ingressRoute({ name: `r${index}`, match: `Host(\`h${index}.example.com\`)`, tls: { secretName: `s${index}` } }))}`,
  ).join('');
  file('many.yaml', many);
  const shell = `set -o pipefail; '${process.execPath}' '${program}' derive ${OPTIONS.join(' ')} many.yaml | head -n 1`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', shell], { cwd: folder, encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([0, '---\n', '']);
});
