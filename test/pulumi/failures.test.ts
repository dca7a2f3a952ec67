import { Yaml } from 'cdk8s';
import { run as logOf } from './short-program';

/** What means something in YAML. */
const ODD = 'a: "b" # c\nd';

describe('what cdk8s makes of an Output without a word is an error, or right', () => {
  test('given as it is', async () => {
    const { errors } = await logOf(`settings('s', { a: output }); new ha.SynthesizedApp('x', { app });`);
    expect(errors.join()).toMatch(/^PULUMI-05 \[edge\/s\] .*Write text\(output\)/);
  });

  test('a promise, as it is', async () => {
    const { errors } = await logOf(`settings('s', { a: Promise.resolve('b') }); new ha.SynthesizedApp('x', { app });`);
    expect(errors.join()).toMatch(/^PULUMI-05 \[edge\/s\] .*Write text\(output\)/);
  });

  test('within a template literal', async () => {
    const { errors } = await logOf('settings("s", { a: `is $' + '{output}` }); new ha.SynthesizedApp("x", { app });');
    expect(errors.join()).toMatch(/^PULUMI-05 \[edge\/s\] /);
  });

  const route = (host: string, service = "'web'") => `new ha.IngressRouteWithTls('web', {
  namespace: 'shop', dns: false, traefik: new ExistingTraefik(), issuer: CertManagerIssuer.existing('letsencrypt'),
  routes: [{ host: ${host}, backend: { service: ${service}, port: 80 } }],
});`;
  const template = `\`shop.$${'{output}'}\``;
  test.each([
    ['a host', route(template), 'shop/web'],
    ['a Service', route("'a.example.com'", template), 'shop/web'],
    ['a namespace', `new ha.EdgeNamespace('ns', { namespace: ${template} });`, 'ns'],
    [
      'a zone',
      `const zones = [{ name: ${template}, zoneId: 'Z0123456789' }];
new ha.Route53DnsChallengeIam('dns01', { namespace: 'edge', zones, access: ha.AwsAccess.user() });`,
      'edge/dns01',
    ],
  ])('within a template literal that has a rule: %s', async (_, body, at) => {
    const { errors } = await logOf(body);
    const answered = errors.filter((line) => !line.startsWith('PULUMI-13'));
    // Rules would tell of the warning that Pulumi puts there, which is of no use to anybody.
    expect(answered).toEqual([
      `PULUMI-05 [${at}] an Output stands where texts are taken. Write text(output), also within a longer text`,
    ]);
  });

  test('in an id', async () => {
    const { errors } = await logOf(`settings(ha.text(output), {}); new ha.SynthesizedApp('x', { app });`);
    expect(errors.join()).toMatch(/^PULUMI-06 \[edge\/<Output>\] /);
  });

  test.each([
    'Buffer.from(word).toString("base64")',
    'Buffer.from("a" + word).toString("base64")',
    'Buffer.from("ab" + word).toString("base64")',
    'word.slice(0, 8)',
    'word.slice(-8)',
    'word.toUpperCase()',
    '[...word] as any',
  ])('cut or encoded: %s', async (expression) => {
    // Also where it is given as it should be elsewhere.
    const { errors } = await logOf(
      `const word = ha.text(output); settings('s', { a: ${expression}, b: word }); new ha.SynthesizedApp('x', { app });`,
    );
    expect(errors.join()).toMatch(
      /^PULUMI-09 \[edge\/s\] [^\n]* stands for nothing \(data\.a\)\. Do that to the Output itself, by apply/,
    );
  });

  test.each([
    ['measured', 'settings("s", { a: String(ha.text(output).length) });'],
    ['compared', 'settings("s", { a: ha.text(output).startsWith("say") ? "a" : "b" });'],
    ['taken for a struct', 'new k8s.KubeDeployment(chart, "d", { spec: ha.text(output) as any });'],
    ['not used', 'ha.text(output);'],
  ])('%s, and nothing came out of it', async (_, body) => {
    const { errors } = await logOf(
      `import { k8s } from 'cdk8s-plus-27';\n${body}\nnew ha.SynthesizedApp('x', { app });`,
    );
    expect(errors).toEqual([
      expect.stringMatching(
        /^PULUMI-04 \[\d+\.ts:\d+\] of the text of an Output that was made here nothing came out\. Give it to .*by apply$/,
      ),
    ]);
  });

  test('given, and created later, or beside what is wrong', async () => {
    const later = await logOf(
      `const word = ha.text(output); setTimeout(() => { settings('s', { a: word }); new ha.SynthesizedApp('x', { app }); }, 200);`,
    );
    expect([later.errors, later.warnings]).toEqual([[], []]);
    const wrong = await logOf(`ha.text(output); new ha.TraefikHA('traefik', { namespace: 'edge', replicas: 1 });`);
    expect(wrong.errors).toEqual([expect.stringMatching(/^TRAEFIK-08 /)]);
  });

  test.each([
    ['a text', "digest('sha256', word)"],
    ['a longer text, cut', "digest('sha1', '<' + word + '>').slice(0, 10)"],
    ['the data of an object', "digest('md5', JSON.stringify(data)).slice(0, 8)"],
    ['in a name', "'web-' + digest('sha512', word).slice(0, 12)"],
    ['in base64', "digest('sha256', JSON.stringify({ data }), 'base64')"],
  ])('digested, and used as it should be elsewhere: %s', async (_, expression) => {
    const { errors } = await logOf(
      `import { createHash } from 'node:crypto';
const digest = (by: string, value: string, as: any = 'hex') => createHash(by).update(value).digest(as).toString();
const word = ha.text(output);
const data = { a: word, b: '<' + word + '>' };
settings('s', data);
object('b', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', annotations: { checksum: ${expression} } }, list: { data } });
new ha.SynthesizedApp('x', { app });`,
    );
    expect(errors).toEqual([
      'PULUMI-09 [edge/b] the text of an Output was digested, so that the digest does not change with what it stands for. Do that to the Output itself, by apply, and give what comes out',
    ]);
  });

  test.each(['JSON.stringify({ a: output })', `\`$${'{output}'}\``])('as JSON or in an id: %s', async (expression) => {
    const body = expression.startsWith('`') ? `settings(${expression}, {});` : `settings('s', { a: ${expression} });`;
    const { errors } = await logOf(`${body} new ha.SynthesizedApp('x', { app });`);
    expect(errors.join()).toMatch(/^PULUMI-05 /);
  });

  test('within JSON, YAML, a longer text, and keys', async () => {
    const { resources, errors } = await logOf(
      `const word = ha.text(output);
const odd = ha.text(late('a: "b" # c\\nd'));
settings('s', {
  json: JSON.stringify({ a: word }), word: JSON.stringify(word), text: '<' + word + '>', [word]: 'key',
  yaml: Yaml.stringify({ a: odd, list: [odd, 1] }, { b: word, [odd]: '1' }), lines: 'password=' + odd + '\\n',
});
new ha.SynthesizedApp('x', { app });`,
    );
    expect(errors).toEqual([]);
    const data = resources.find(({ type }) => type.endsWith(':ConfigMap'))?.inputs.data;
    expect(data).toEqual({
      json: JSON.stringify({ a: 'say "hi"' }),
      word: JSON.stringify('say "hi"'),
      text: '<say "hi">',
      'say "hi"': 'key',
      yaml: Yaml.stringify({ a: ODD, list: [ODD, 1] }, { b: 'say "hi"', [ODD]: '1' }),
      lines: `password=${ODD}\n`,
    });
  });
});

test('what the constructs report is told in a line each, without a stack', async () => {
  const { errors } = await logOf(
    `const traefik = new ha.TraefikHA('traefik', { namespace: 'edge', replicas: 1 });
new ha.CertManagerIssuer('letsencrypt', { namespace: 'edge', solvers: [] });`,
  );
  expect(errors).toHaveLength(1);
  expect(errors[0]?.split('\n').map((line) => line.split(' ')[0])).toEqual(['TRAEFIK-08', 'ISSUER-03']);
});

test('what is wrong whatever an Output turns out to be', async () => {
  const { errors } = await logOf(
    `const host = ha.text(pulumi.output(Promise.resolve('203.0.113.10')));
new ha.TraefikHA('traefik', { namespace: 'edge', loadBalancer: LoadBalancer.fixedAddress({ addresses: [host, '203.0.113.11'] }) });`,
  );
  expect(errors[0]).toMatch(/^LB-05 .*<Output>/);
});

test('objects that wait for one another in a circle', async () => {
  const { errors } = await logOf(
    `const a = settings('a', {}); const b = settings('b', {}, 'other');
a.addDependency(b); b.addDependency(a);
new ha.SynthesizedApp('x', { app });`,
  );
  expect(errors[0]).toMatch(/^PULUMI-02 .*edge\/a → edge\/b → edge\/a/);
});

test('a route that comes too late for the Traefik that it changes', async () => {
  const { errors } = await logOf(
    `const traefik = new ha.TraefikHA('traefik', { namespace: 'edge' });
const issuer = new ha.CertManagerIssuer('letsencrypt', { namespace: 'edge', solvers: [AcmeSolver.http01()] });
setTimeout(() => new ha.IngressRouteWithTls('web', {
  namespace: 'edge', traefik, issuer, dns: false, routes: [{ host: 'a.example.com', backend: { service: 'web', port: 80 } }],
}), 300);`,
  );
  expect(errors.join()).toMatch(/^PULUMI-03 \[edge\/traefik\/[\w-]+\] ClusterRole edge-traefik /);
});

test('two components of one name', async () => {
  const { errors } = await logOf(
    `new ha.EdgeNamespace('a', { namespace: 'edge' }); new ha.EdgeNamespace('a', { namespace: 'shop' });`,
  );
  expect(errors.join()).toMatch(/Duplicate resource URN/);
  const other = await logOf(
    `new ha.EdgeNamespace('a', { namespace: 'edge' }); new ha.TraefikHA('a', { namespace: 'edge' });`,
  );
  expect(other.errors.join()).toMatch(/^PULUMI-11 |PULUMI-11 \[edge\/a\]/);
});

test('an object that is part of no component', async () => {
  const { errors } = await logOf(
    `const namespace = new ha.EdgeNamespace('a', { namespace: 'edge' });
new ApiObject(Chart.of(namespace.construct), 'b', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } });`,
  );
  expect(errors.join()).toMatch(/^PULUMI-10 \[edge\/b\] /);
});

test('an Output where the form of a text decides is used, or refused, and never lost', async () => {
  const edge = (route: string) => `const path = late('/x');
const traefik = new ExistingTraefik({ dnsTargets: ['203.0.113.10'] });
const issuer = { kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: false, solvers: [] } as any;
new ha.IngressRouteWithTls('web', { namespace: 'shop', traefik, issuer, routes: [{ ${route}, backend: { service: 'web', port: 80 } }] });`;
  const { resources, errors } = await logOf(edge("host: 'c.example.com', pathPrefix: path"));
  expect(errors).toEqual([]);
  const route = resources.find(({ type }) => type.endsWith(':IngressRoute'))?.inputs.spec as {
    routes: { match: string }[];
  };
  expect(route.routes[0]?.match).toBe('Host(`c.example.com`) && PathPrefix(`/x`)');
  const name = await logOf('new ha.EdgeNamespace("a", { namespace: "Web_" + ha.text(output) });');
  expect(name.errors.join()).toMatch(/NAME-0[23] /);
});

test('an Output that turns out to be no host', async () => {
  const { errors } = await logOf(`new ha.IngressRouteWithTls('web', {
  namespace: 'shop', traefik: new ExistingTraefik({ dnsTargets: ['203.0.113.10'] }),
  issuer: { kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: false, solvers: [] } as any,
  routes: [{ host: pulumi.output(Promise.resolve('https://shop.example.com/')), backend: { service: 'web', port: 80 } }],
});`);
  expect(errors.join()).toMatch(/^HOST-01 \[shop\/web\] [^\n]*https:\/\/shop[^\n]*$/);
});

test("an ARN that is no OIDC provider's", async () => {
  const access = (arn: string) =>
    `new ha.Route53DnsChallengeIam('dns', { namespace: 'edge', zones: [HostedZone.of('example.com', { id: 'Z1' })], access: ha.AwsAccess.irsa({ oidcProviderArn: ${arn} }) });`;
  for (const arn of ["'https://oidc.example.com'", "pulumi.output(Promise.resolve('https://oidc.example.com'))"]) {
    const { errors } = await logOf(access(arn));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^AWS-01 \[dns\] /);
  }
});

test('an error of a chart that is not ours', async () => {
  const { errors } = await logOf(
    `chart.node.addValidation({ validate: () => ['it is wrong'] }); new ha.SynthesizedApp('x', { app });`,
  );
  expect(errors[0]).toBe('PULUMI-07 [edge] it is wrong. See the construct that says so');
});

test('a token of nowhere', async () => {
  const { errors } = await logOf(`settings('s', { a: 'zq0xj0qz9jx9zq9xj9qz' }); new ha.SynthesizedApp('x', { app });`);
  expect(errors.join()).toMatch(/^PULUMI-01 /);
});

test('an Output in an App of cdk8s that has constructs of ours', async () => {
  const { errors } = await logOf(
    `import { EdgeNamespace } from '../../../../lib';
new EdgeNamespace(chart, 'ns', { labels: { team: ha.text(output) } });
app.synth();`,
  );
  expect(errors.join()).toContain('PULUMI-08 [edge/ns/Resource] an Output would be written to a file');
});

test('an Output in what is written to files', async () => {
  const { errors } = await logOf(
    `import { EdgeApp } from '../../../../lib';
const files = new EdgeApp({ outdir: pulumi.runtime.getProject() + '-never' });
new ApiObject(new Chart(files, 'edge'), 'a', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: ha.text(output) } } as any);
files.synth();`,
  );
  expect(errors.join()).toContain('PULUMI-08 [edge/a] an Output would be written to a file');
});

describe('as users of Pulumi expect', () => {
  const registered = async (body: string) => {
    const { errors, resources } = await logOf(body);
    expect(errors).toEqual([]);
    return resources;
  };

  test('providers reach every object, from the component or around it', async () => {
    const resources = await registered(
      `import * as kubernetes from '@pulumi/kubernetes';
const provider = new kubernetes.Provider('east', {});
class Platform extends pulumi.ComponentResource { constructor(name: string, o: any) { super('my:Platform', name, {}, o); } }
const platform = new Platform('platform', { providers: { kubernetes: provider } });
new ha.EdgeNamespace('a', { namespace: 'a' }, { provider });
new ha.EdgeNamespace('b', { namespace: 'b' }, { parent: platform });
new ha.EdgeNamespace('c', { namespace: 'c' });
settings('s', {}); new ha.SynthesizedApp('x', { app }, { provider });`,
    );
    const objects = resources
      .filter(({ type }) => /core\/v1:/.test(type))
      .map(({ name, provider }) => [name, /::east::/.test(provider)]);
    expect(Object.fromEntries(objects)).toEqual({
      'a/Namespace/a': true,
      'b/Namespace/b': true,
      'c/Namespace/c': false,
      'x/ConfigMap/edge/settings': true,
    });
  });

  test('what depends on a component waits for its objects', async () => {
    const resources = await registered(
      `const first = new ha.EdgeNamespace('first', { namespace: 'first' });
new ha.KubeObject('later', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'later', namespace: 'first' } }, { dependsOn: first });`,
    );
    const later = resources.find(({ name }) => name === 'later');
    expect(later?.dependencies.map((urn) => urn.split('::').at(-1))).toContain('first/Namespace/first');
  });

  test('transforms of a component, and of the stack, reach each of its objects', async () => {
    const resources = await registered(
      `const mark = (by: string) => ({ type, props, opts }: any) => type.endsWith(':Namespace')
  ? { props: { ...props, metadata: { ...props.metadata, labels: { ...props.metadata.labels, [by]: 'yes' } } }, opts } : undefined;
pulumi.runtime.registerResourceTransform(mark('stack'));
new ha.EdgeNamespace('first', { namespace: late('first') }, {
  transforms: [mark('component'), ({ type, props, opts }: any) =>
    type.endsWith(':Namespace') ? { props, opts: { ...opts, import: props.metadata.name } } : undefined],
});
new ha.EdgeNamespace('second', { namespace: 'second' });`,
    );
    const namespaces = resources.filter(({ type }) => type.endsWith(':Namespace'));
    const found = namespaces.map(({ inputs, importId }) => {
      const { name, labels } = inputs.metadata as { name: string; labels: Record<string, string> };
      return [name, labels.stack, labels.component, importId];
    });
    expect(found.sort()).toEqual([
      ['first', 'yes', 'yes', 'first'],
      ['second', 'yes', undefined, ''],
    ]);
  });

  test('dependsOn, aliases and transformations', async () => {
    const resources = await registered(
      `const first = new ha.EdgeNamespace('first', { namespace: 'first' });
new ha.EdgeNamespace('second', { namespace: 'second' }, {
  dependsOn: [first],
  aliases: [{ name: 'former' }],
  transformations: [({ type, props, opts }) =>
    type.endsWith(':Namespace') ? { props: { ...props, metadata: { name: 'second', labels: { mine: 'yes' } } }, opts } : undefined],
});`,
    );
    const namespace = resources.find(({ name }) => name === 'second/Namespace/second');
    expect(namespace?.dependencies.map((urn) => urn.split('::').at(-1))).toContain('first/Namespace/first');
    expect(namespace?.inputs.metadata).toEqual({ name: 'second', labels: { mine: 'yes' } });
    expect(JSON.stringify(resources.find(({ name }) => name === 'second')?.aliases)).toContain('former');
  });

  test('objects of one component that another one needs come first', async () => {
    const resources = await registered(
      `new ha.CertRotater('rotater', { namespace: 'edge', image: 'a.example.com/b:1', settings: { dns: {} } });
new ha.EdgeNamespace('edge', { namespace: 'edge' });`,
    );
    const of = (name: string) =>
      resources.find((each) => each.name === name)?.dependencies.map((urn) => urn.split('::').at(-1));
    expect(of('rotater/Deployment/edge/rotater')).toEqual(
      expect.arrayContaining([
        'edge/Namespace/edge',
        'rotater/ConfigMap/edge/rotater',
        'rotater/ServiceAccount/edge/rotater',
        'rotater/ClusterRoleBinding/edge-rotater',
      ]),
    );
  });

  const HOOK = `object('hook', {
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'hook' },
  webhooks: [{ name: 'a.example.com', clientConfig: { service: { name: 'hook', namespace: 'edge' } }, rules: [{ apiGroups: ['acme.example.com'] }] }],
});
object('front', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook' }, spec: { selector: { app: 'hook' } } });
const deployment = (name: string) => object(name + '-server', {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name },
  spec: { template: { metadata: { labels: { app: name } }, spec: {} } },
});
const server = deployment('hook');
deployment('other');`;
  const dependenciesOf = (resources: Awaited<ReturnType<typeof registered>>, name: string) =>
    resources
      .find((each) => each.name === name)
      ?.dependencies.map((urn) => urn.split('::').at(-1))
      .sort();

  test('kinds, and those who have a say in their objects, come before the objects', async () => {
    const resources = await registered(
      `object('issuer', { apiVersion: 'acme.example.com/v1', kind: 'Thing', metadata: { name: 'thing' } });
${HOOK}
object('kind', {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.acme.example.com' },
  spec: { group: 'acme.example.com', names: { kind: 'Thing' } },
});
new ha.SynthesizedApp('x', { app });`,
    );
    expect(dependenciesOf(resources, 'x/Thing/edge/thing')).toEqual([
      'x/CustomResourceDefinition/things.acme.example.com',
      'x/Deployment/edge/hook',
      'x/Service/edge/hook',
      'x/ValidatingWebhookConfiguration/hook',
    ]);
  });

  test('what a webhook needs to come up does not wait for it', async () => {
    const resources = await registered(
      `${HOOK}
const own = object('own', { apiVersion: 'acme.example.com/v1', kind: 'Thing', metadata: { name: 'own' } });
object('thing', { apiVersion: 'acme.example.com/v1', kind: 'Thing', metadata: { name: 'thing' } });
server.addDependency(own);
new ha.SynthesizedApp('x', { app });`,
    );
    expect(dependenciesOf(resources, 'x/Thing/edge/own')).toEqual([]);
    expect(dependenciesOf(resources, 'x/Deployment/edge/hook')).toEqual(['x/Thing/edge/own']);
    expect(dependenciesOf(resources, 'x/Thing/edge/thing')).toContain('x/Deployment/edge/hook');
  });

  test('two webhooks that need objects of one another: one of them waits', async () => {
    const hook = (name: string, needs: string) => `object('${name}-hook', {
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: '${name}' },
  webhooks: [{ name: 'a.example.com', clientConfig: { service: { name: '${name}', namespace: 'edge' } }, rules: [{ apiGroups: ['${name}.example.com'] }] }],
});
object('${name}-front', { apiVersion: 'v1', kind: 'Service', metadata: { name: '${name}' }, spec: { selector: { app: '${name}' } } });
object('${name}-server', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: '${name}' }, spec: { template: { metadata: { labels: { app: '${name}' } } } } })
  .addDependency(object('${name}-needs', { apiVersion: '${needs}.example.com/v1', kind: 'Thing', metadata: { name: '${name}' } }));`;
    const { errors } = await logOf(`${hook('a', 'b')} ${hook('b', 'a')} new ha.SynthesizedApp('x', { app });`);
    expect(errors).toEqual([]);
  });

  test('the objects of an app are found by kind and group, namespace and name; kinds of its own say whether they have one', async () => {
    const { resources, outputs, errors } = await logOf(
      `settings('s', {});
object('service', { apiVersion: 'serving.knative.dev/v1', kind: 'Service', metadata: { name: 'web' } });
object('core', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } });
object('kind', {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'things.acme.example.com' },
  spec: { group: 'acme.example.com', names: { kind: 'Thing' }, scope: 'Cluster' },
});
object('thing', { apiVersion: 'acme.example.com/v1', kind: 'Thing', metadata: { name: 'thing' } });
const { objects } = new ha.SynthesizedApp('x', { app });
module.exports.found = [...objects.keys()].sort();`,
    );
    expect(errors).toEqual([]);
    expect(outputs.found).toEqual([
      'ConfigMap/edge/settings',
      'CustomResourceDefinition.apiextensions.k8s.io/things.acme.example.com',
      'Service.serving.knative.dev/edge/web',
      'Service/edge/web',
      'Thing.acme.example.com/thing',
    ]);
    expect(resources.find(({ type }) => type.endsWith(':Thing'))?.inputs.metadata).toEqual({ name: 'thing' });
  });

  test('a namespace that becomes an Output, or part of one, renames nothing', async () => {
    const resources = await registered(
      `new ha.TraefikHA('traefik', { namespace: late('edge'), createNamespace: false });`,
    );
    const service = resources.find(({ type }) => type.endsWith(':Service'));
    expect(service?.name).not.toBe('traefik/Service/edge/traefik');
    expect(service?.aliases).toMatchObject([{ spec: { name: 'traefik/Service/edge/traefik' } }]);
    const preview = await logOf(
      `const source = new ha.KubeObject('source', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'source' } }, {});
new ha.TraefikHA('traefik', { namespace: (source as any).status.apply(String), createNamespace: false });`,
      { preview: true },
    );
    expect(preview.errors).toEqual([]);
  });
});
