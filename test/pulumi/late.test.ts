import type { Recorded } from './recording-engine';
import { run } from './short-program';

const specOf = ({ resources }: Recorded, kind: string) =>
  resources.find(({ type }) => type.endsWith(`:${kind}`))?.inputs.spec as Record<string, unknown>;

/** A route of one or more hosts, that points somewhere. */
const route = (hosts: string, { targets = "'203.0.113.10'", zones = '', issuer = '', name = 'web', more = '' } = {}) =>
  `new ha.IngressRouteWithTls('${name}', {
  namespace: 'shop', traefik: new ExistingTraefik(),
  issuer: CertManagerIssuer.existing('letsencrypt', { ${issuer} }),
  dns: { targets: [${targets}] }, ${zones && `zones: [${zones}],`} ${more}
  routes: [{ host: [${hosts}], backend: { service: 'web', port: 80 } }],
});`;

describe('what turns out is written as plain texts are', () => {
  test('hosts: in one spelling, sorted, each once', async () => {
    const recorded = await run(
      route("late('Ünö.example.com.'), late('b.example.com'), late('b.example.com'), 'c.example.com'"),
    );
    expect(recorded.errors).toEqual([]);
    const names = ['b.example.com', 'c.example.com', 'xn--n-1gaq.example.com'];
    expect(specOf(recorded, 'Certificate').dnsNames).toEqual(names);
    expect(specOf(recorded, 'DNSEndpoint').endpoints).toEqual(
      names.map((dnsName) => ({ dnsName, recordType: 'A', recordTTL: 300, targets: ['203.0.113.10'] })),
    );
  }, 30_000);

  test('targets: the type of the record is that of the value, and of one value there is one', async () => {
    const recorded = await run(
      `${route("'a.example.com'", { targets: "late('2001:DB8:0::1'), late('203.0.113.10'), late('203.0.113.10'), '198.51.100.1'" })}
new DnsEndpoint(chart, 'mail', { dnsName: 'mail.example.com', targets: [ha.text(late('LB.example.net.'))] });
new ha.SynthesizedApp('x', { app });`,
    );
    expect(recorded.errors).toEqual([]);
    const record = { dnsName: 'a.example.com', recordTTL: 300 };
    const endpoints = recorded.resources.filter(({ type }) => type.endsWith(':DNSEndpoint'));
    expect(
      Object.fromEntries(
        endpoints.map(({ name, inputs }) => [name, (inputs.spec as { endpoints: unknown }).endpoints]),
      ),
    ).toEqual({
      'web/DNSEndpoint/shop/web': [
        { ...record, recordType: 'A', targets: ['198.51.100.1', '203.0.113.10'] },
        { ...record, recordType: 'AAAA', targets: ['2001:db8::1'] },
      ],
      'x/DNSEndpoint/edge/mail': [
        { dnsName: 'mail.example.com', recordType: 'CNAME', recordTTL: 300, targets: ['lb.example.net'] },
      ],
    });
  }, 30_000);

  test('a host that its target turns out to be is not announced', async () => {
    const recorded = await run(route("'a.example.com', 'lb.example.com'", { targets: "late('lb.example.com')" }));
    expect(recorded.errors).toEqual([]);
    expect(specOf(recorded, 'DNSEndpoint').endpoints).toMatchObject([{ dnsName: 'a.example.com' }]);
  }, 30_000);

  test('zones: by the name that resolvers have, and the id that policies have', async () => {
    const recorded = await run(
      `new ha.ExternalDns('dns', { namespace: 'edge', ownerId: 'prod-1', provider: ha.AwsAccess.user(),
  zones: [{ name: late('Example.com.'), zoneId: late('/hostedzone/Z1') }] });`,
      {
        answer: ({ inputs, name }) => ({ name: inputs.name ?? name, arn: 'arn:aws:iam::123456789012:x', secret: 's' }),
      },
    );
    expect(recorded.errors).toEqual([]);
    const said = JSON.stringify(specOf(recorded, 'Deployment'));
    expect(said).toContain('--domain-filter=example.com"');
    expect(said).toContain('--zone-id-filter=Z1"');
    const policy = recorded.resources.find(({ type }) => type.endsWith(':Policy'))?.inputs.policy;
    expect(policy).toContain('hostedzone/Z1"');
  }, 30_000);

  test('fields that were patched by hand stay', async () => {
    const recorded = await run(
      `const { construct } = ${route("'a.example.com'", { targets: "late('lb.example.net')" })}
construct.endpoint?.addJsonPatch(JsonPatch.add('/spec/endpoints/0/setIdentifier', 'blue'));`,
    );
    expect(specOf(recorded, 'DNSEndpoint').endpoints).toMatchObject([{ recordType: 'CNAME', setIdentifier: 'blue' }]);
  }, 30_000);

  test('in a preview what is plain stays plain', async () => {
    const recorded = await run(
      `const zone = new ha.KubeObject('z', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'z' } }, {});
const name = (zone as any).status.apply(() => 'example.com');
${route("'a.example.com'", { zones: '{ name, zoneId: late("Z1") }' })}`,
      { preview: true },
    );
    expect(recorded.errors).toEqual([]);
    expect(specOf(recorded, 'Certificate').dnsNames).toEqual(['a.example.com']);
    expect(specOf(recorded, 'DNSEndpoint').endpoints).toMatchObject([{ dnsName: 'a.example.com' }]);
  }, 30_000);
});

describe('what turns out is judged as plain texts are, before its objects are applied', () => {
  const zone = (name = 'example.com', more = '') => `{ name: late('${name}'), zoneId: late('Z1') ${more} }`;
  const issuer = `letsEncrypt: true, solvers: [{ challenge: 'dns01', zones: [HostedZone.of(ha.text(late('example.com')))] }]`;
  test.each([
    ['HOST-01', 'no host', route("late('nowhere')")],
    ['HOST-02', 'a wildcard within', route("late('a.*.example.com')")],
    ['HOST-03', 'a public suffix', route("late('co.uk')", { issuer: 'letsEncrypt: true' })],
    [
      'DNS-02',
      'a name beside an address',
      route("'a.example.com'", { targets: "late('lb.example.net'), late('203.0.113.10')" }),
    ],
    ['DNS-03', 'no target', route("'a.example.com'", { targets: "late('https://lb')" })],
    ['DNS-04', 'a private address', route("'a.example.com'", { targets: "late('10.0.0.1')" })],
    [
      'DNS-04',
      'a private address in a late zone',
      route("'a.example.com'", {
        targets: "'10.0.0.1'",
        zones: `${zone()}, ${zone('example.net', ', private: true')}`,
      }),
    ],
    [
      'DNS-07',
      'a name at the apex',
      route("'example.com'", { targets: "late('lb.example.net')", zones: "HostedZone.of('example.com')" }),
    ],
    [
      'DNS-07',
      'a name at the apex of a late zone',
      route("'example.com'", { targets: "'lb.example.net'", zones: zone() }),
    ],
    ['ZONE-01', 'a host in none of the zones', route("'a.example.net'", { zones: zone() })],
    ['ZONE-02', 'no zone', route("'a.example.com'", { zones: zone('*.example.com') })],
    ['ZONE-04', 'two Outputs, one zone', route("'a.example.com'", { zones: `${zone()}, ${zone()}` })],
    ['CERT-06', 'a host of no solver', route("'a.example.net'", { issuer, zones: "HostedZone.of('example.net')" })],
    [
      'CERT-02',
      'a wildcard by HTTP-01',
      route("late('*.example.com')", { issuer: "solvers: [{ challenge: 'http01' }]" }),
    ],
    ['CERT-03', 'two routes, one host', route("late('a.example.com')") + route("late('a.example.com')", { name: 'b' })],
    [
      'DNS-06',
      'two routes, one host, two targets',
      route("'a.example.com'", { targets: "late('203.0.113.1')" }) +
        route("'a.example.com'", { name: 'b', more: "secretName: 'web-tls',", targets: "late('203.0.113.2')" }),
    ],
  ])(
    '%s: %s',
    async (code, _, body) => {
      const { errors, resources } = await run(body);
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(new RegExp(`^${code} \\[(shop|this program)`, 'm'));
      // Rules about one route hold it back; those about several are told of beside them.
      const isOfOne = !['CERT-03', 'DNS-06'].includes(code);
      if (isOfOne) expect(resources.filter(({ type }) => type.startsWith('kubernetes:'))).toEqual([]);
    },
    30_000,
  );

  test('two texts for one namespace, which would be made twice', async () => {
    const { errors } = await run(
      `new ha.EdgeNamespace('a', { namespace: late('edge') }); new ha.TraefikHA('traefik', { namespace: 'edge' });`,
    );
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^NAME-01 \[edge\/traefik\/Namespace\S* namespace-1\/a\/Resource makes the same object/);
  }, 30_000);

  test('what may be right is not refused before it is known', async () => {
    const same = { targets: "late('203.0.113.1')" };
    const { errors, warnings } = await run(
      `${route("'a.example.com'", same)} ${route("'a.example.com'", { ...same, name: 'b', more: "secretName: 'web-tls'," })}
${route("'c.example.com'", { targets: "'10.0.0.1'", name: 'c', zones: `${zone('example.net')}, ${zone('example.com', ', private: true')}` })}`,
    );
    expect([errors, warnings]).toEqual([[], []]);
  }, 30_000);

  test('what is secret is refused without being shown', async () => {
    const { errors, resources } = await run(
      route("'a.example.com'", { targets: "pulumi.secret(late('https://hush.example.net'))" }),
    );
    expect(errors).toEqual([
      expect.stringMatching(/^DNS-03 \[.+\] what a secret Output stands for is refused, and not shown\. See DNS-03 in/),
    ]);
    expect(JSON.stringify(errors)).not.toContain('hush');
    expect(resources.filter(({ type }) => type.endsWith(':DNSEndpoint'))).toEqual([]);
  }, 30_000);

  test('a zone that turns out to be private', async () => {
    const { errors } = await run(
      route("'a.example.com'", { zones: zone('example.com', ', vpcs: pulumi.output(Promise.resolve([{}]))') }),
    );
    expect(errors).toEqual([
      'PULUMI-12 [this program] the zone is seen inside its networks only, and was given like a public one (example.com). Write { name: zone.name, zoneId: zone.zoneId, private: true }',
    ]);
  }, 30_000);

  test.each([
    ['ZONE-02', "late('a b')", "late('Z1')"],
    ['ZONE-03', "late('example.com')", "late('zone-1')"],
  ])(
    '%s: a zone that a policy is for',
    async (code, name, id) => {
      const { errors, resources } = await run(
        `new ha.Route53DnsChallengeIam('dns', { namespace: 'edge', access: ha.AwsAccess.podIdentity({ clusterArn: 'arn:aws:eks:eu-central-1:123456789012:cluster/a' }), zones: [{ name: ${name}, zoneId: ${id} }] });`,
      );
      expect(errors).toHaveLength(1);
      expect(errors[0]).toMatch(new RegExp(`^${code} \\[dns\\]`));
      expect(resources.filter(({ type }) => /:Policy$/.test(type))).toEqual([]);
    },
    30_000,
  );

  test('a Certificate of its own', async () => {
    const { errors } = await run(
      `new Certificate(chart, 'mail', { secretName: 'mail-tls', dnsNames: [ha.text(late('mail'))], issuer: CertManagerIssuer.existing('a') });
new ha.SynthesizedApp('x', { app });`,
    );
    expect(errors.join()).toMatch(/^HOST-01 \[edge\/mail\] [^\n]*$/);
  }, 30_000);
});
