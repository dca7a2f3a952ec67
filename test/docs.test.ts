import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { AwsIdentity } from '../lib/aws/identity';
import { verifyOptions } from '../lib/cli/verify-options';
import { MESSAGES } from '../lib/verify/findings';
import { CHAIN_REASONS, CONNECTION_REASONS, DNS_REASONS, OWN_REASONS, TLS_REASONS } from '../lib/verify/reasons';

const ROOT = join(__dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: `lib/${path}`, text: read(`lib/${path}`) }));

describe('problem codes', () => {
  const CODE =
    /\b(?:AWS|CERT|DNS|DRAIN|HOST|HSTS|IMAGE|INPUT|ISSUER|LB|NAME|PROPS|PULUMI|ROTATER|ROUTE|RULE|SETTINGS|SWARM|TLS|TRAEFIK|VERIFY|ZONE)-\d{2}\b/g;
  const inCode = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(/'([A-Z]+-\d{2})'/g)].map(([, code]) => code)),
  );
  const catalogue = [...read('docs/problems.md').matchAll(/^\| `([A-Z]+-\d{2})` \|/gm)].map(([, code]) => code);

  test('each is in the catalogue, once, in order', () => {
    expect(inCode.size).toBeGreaterThan(60);
    expect(catalogue).toEqual([...inCode].sort());
  });

  test('none is spoken of that does not exist', () => {
    const pages = [
      ...['README.md', 'docs/aws.md', 'docs/mistakes.md', 'docs/problems.md', 'docs/rotater.md'],
      ...['docs/troubleshooting.md', 'docs/verify.md'],
    ].map((path) => ({ path, text: read(path) }));
    const unknown = [...sources, ...pages].flatMap(({ path, text }) =>
      [...text.matchAll(CODE)].filter(([code]) => !inCode.has(code)).map(([code]) => `${path}: ${code}`),
    );
    expect(unknown).toEqual([]);
  });

  test('each is tested by its message', () => {
    const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts') && !path.endsWith('docs.test.ts'))
      .map((path) => read(`test/${path}`))
      .join('\n');
    // As a field, or at the beginning of a printed line.
    expect([...inCode].filter((code) => !new RegExp(`['"\`^]${code}['" ]`).test(tests))).toEqual([]);
  });
});

describe('what verify says', () => {
  const page = read('docs/verify.md');
  const template = (message: (...values: string[]) => string) => message(...Array(message.length).fill('…'));

  test('each check is explained by its name and its message, in their order', () => {
    const rows = [...page.matchAll(/^\| `([a-z0-9-]+)` \| [a-z, ]+ \| (.+?) \| .+ \|$/gm)].map(([, name, text]) => [
      name,
      text,
    ]);
    expect(rows).toEqual(Object.entries(MESSAGES).map(([name, message]) => [name, template(message)]));
  });

  test('each reason is explained', () => {
    const reasons = new Set([
      ...[CONNECTION_REASONS, CHAIN_REASONS, DNS_REASONS].flatMap((each) => Object.values(each)),
      ...TLS_REASONS.map(([, reason]) => reason),
      ...Object.values(OWN_REASONS).map(template),
    ]);
    const rows = [...page.matchAll(/^\| ([^|`]+) \| [^|]+ \|$/gm)].map(([, reason]) => reason);
    expect([...reasons].filter((reason) => !rows.includes(reason))).toEqual([]);
  });

  test('so is each code that is its own, and each option', () => {
    const codes = new Set(
      sources.flatMap(({ text }) => [...text.matchAll(/'(VERIFY-\d{2})'/g)].map(([, code]) => code)),
    );
    const rows = [...page.matchAll(/^\| `(VERIFY-\d{2})` \|/gm)].map(([, code]) => code);
    expect(rows).toEqual([...codes].sort());
    const options = verifyOptions().map(({ long }) => long);
    expect(options.filter((option) => !page.includes(`| \`${option}`))).toEqual([]);
  });

  test('so is each metric', () => {
    const text = read('lib/verify/output/prometheus.ts');
    const names = [...text.matchAll(/gauge\(\s*'([a-z_]+)'/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(9);
    const rows = [...page.matchAll(/^\| `traefik_ha_verify_([a-z_]+)[{`]/gm)].map(([, name]) => name);
    expect(rows).toEqual(names);
  });
});

test('each way of identity at AWS is in the table of what to choose', () => {
  const rows = [...read('docs/aws.md').matchAll(/^\| `AwsIdentity\.(\w+)` \|/gm)].map(([, way]) => way);
  expect(rows.sort()).toEqual(Object.keys(AwsIdentity).sort());
});

test('each of the thirty mistakes has its line', () => {
  const numbers = [...read('docs/mistakes.md').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
});

test('each exported construct has an example, and each example compiles', () => {
  const examples = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/@example ?([\s\S]+?)\n \*(?:\/| @)/g)].map(([, block = '']) => ({
      path,
      code: block.replace(/^ \* ?/gm, '').replaceAll('\n *', '\n'),
    })),
  );
  const withoutExample = sources
    .filter(
      ({ path, text }) =>
        /export class \w+ extends Construct/.test(text) && !examples.some((each) => each.path === path),
    )
    .map(({ path }) => path);
  expect(withoutExample).toEqual([]);
  const snippets = [...read('docs/aws.md').matchAll(/^```ts\n([\s\S]+?)^```$/gm)];
  expect(snippets).toHaveLength(5);
  examples.push(...snippets.map(([, code = '']) => ({ path: 'docs/aws.md', code })));

  const prelude = [
    "import { App, Chart } from 'cdk8s';",
    "import * as edge from 'traefik-ha';",
    'declare const app: App; declare const chart: Chart;',
    'declare const stack: edge.SwarmStack;',
    'declare const zone: edge.HostedZone; declare const issuer: edge.Issuer; declare const traefik: edge.TraefikHA;',
    `const { ${Object.keys(require('../lib/index')).join(', ')} } = edge;`,
    "import { parseRule } from '../lib/model/rule/parse';",
  ].join('\n');
  const components = exportsOf('lib/pulumi/index.ts');
  const pulumiPrelude = [
    "import type * as aws from '@pulumi/aws';",
    "import type * as kubernetes from '@pulumi/kubernetes';",
    "import { App, Chart } from 'cdk8s';",
    "import { AcmeSolver, LoadBalancer } from 'traefik-ha';",
    `import { ${components.join(', ')} } from 'traefik-ha/pulumi';`,
    'declare const zone: aws.route53.Zone; declare const oidcProviderArn: string; declare const cluster: any;',
    'declare const provider: kubernetes.Provider; declare const traefik: TraefikHA; declare const issuer: CertManagerIssuer;',
    'declare const challenge: Route53DnsChallengeIam; declare const app: App;',
  ].join('\n');
  const files = new Map(
    examples.map(({ code, path }, index) => [
      join(ROOT, 'test', `example-${index}.ts`),
      `${path.includes('pulumi/') ? pulumiPrelude : prelude}\n{\n${code}\n}\n`,
    ]),
  );
  const config = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    ROOT,
  );
  const options = { ...config.options, noUnusedLocals: false };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, language, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile.call(host, name, language, ...rest)
      : ts.createSourceFile(name, text, language);
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host));
  expect(
    diagnostics.map(
      (each) => `${each.file?.text.split('{\n').at(-1)}: ${ts.flattenDiagnosticMessageText(each.messageText, ' ')}`,
    ),
  ).toEqual([]);
}, 60_000);

/** The names of the values that an entry exports. */
function exportsOf(path: string): string[] {
  const text = sources.find((source) => source.path === path)?.text ?? '';
  const lists = [...text.matchAll(/^export \{([^}]+)\}/gm)].flatMap(([, list = '']) => list.split(','));
  return lists.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
}
