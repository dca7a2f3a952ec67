import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiObject, App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as library from '../../lib';
import {
  AcmeServer,
  AcmeSolver,
  AwsIdentity,
  Certificate,
  CertManagerIssuer,
  CertRotater,
  DnsEndpoint,
  DnsProvider,
  EdgeNamespace,
  EdgeNodes,
  EdgeVerification,
  ExistingTraefik,
  ExternalDns,
  HostedZone,
  IngressRouteWithTls,
  KvCertificatePublisher,
  KvSeedJob,
  KvStore,
  LoadBalancer,
  Match,
  Route53DnsChallengeIam,
  TlsOption,
  TlsStore,
  TraefikHA,
  TraefikHaError,
} from '../../lib';
import { lateOf, lateRulesOf } from '../../lib/late';
import { newToken, splitTokens } from '../../lib/model/token';
import { objectsOf } from '../../lib/pulumi/register';

/** Gives a text that the program may leave open, as it is or as a token. */
type Text = (value: string) => string;

const secret = (t: Text) => ({ secretName: t('credentials'), key: t('token') });
const backend = (t: Text) => ({ service: t('web'), port: t('http') });
const existing = (t: Text) => new ExistingTraefik({ ingressClass: t('public'), dnsTargets: [t('203.0.113.10')] });
const issuerOf = (t: Text) => CertManagerIssuer.existing(t('letsencrypt'));
const zoneOf = (t: Text) => HostedZone.of(t('example.com'), { id: t('Z0123456789') });

/** Every construct, with every text that may be an Output. */
const CONSTRUCTS: Readonly<Record<string, (chart: Chart, t: Text) => void>> = {
  EdgeNamespace: (chart, t) => new EdgeNamespace(chart, 'a', { name: t('edge'), labels: { [t('team')]: t('edge') } }),
  TraefikHA: (chart, t) =>
    new TraefikHA(chart, 'a', {
      image: t('registry.example.com/traefik:3.7.13'),
      ingressClass: t('public'),
      namespaces: [t('news'), t('blog')],
      priorityClassName: t('high'),
      name: t('traefik'),
      tls: { clientCaSecrets: [t('partners-ca')] },
      loadBalancer: LoadBalancer.fixedAddress({
        addresses: [t('203.0.113.10'), t('2001:db8::1')],
        annotations: { [t('example.com/pool')]: t('edge') },
        sourceRanges: [t('198.51.100.0/24')],
      }),
    }),
  'TraefikHA at an address': (chart, t) =>
    new TraefikHA(chart, 'a', { loadBalancer: LoadBalancer.fixedAddress({ addresses: [t('203.0.113.10')] }) }),
  'TraefikHA behind an NLB': (chart, t) =>
    new TraefikHA(chart, 'a', {
      loadBalancer: LoadBalancer.awsNlb({ hostName: t('edge.example.com'), proxyProtocolFrom: [t('10.0.0.0/16')] }),
      extraArguments: [`--tracing.serviceName=${t('edge')}`],
    }),
  'TraefikHA on nodes': (chart, t) =>
    new TraefikHA(chart, 'a', {
      nodes: EdgeNodes.fixed({
        ...{ hostName: t('edge.example.com'), addresses: [t('203.0.113.11'), t('2001:db8::11')] },
        ...{ labels: { [t('example.com/edge')]: t('true') }, zones: [zoneOf(t)] },
        tolerations: [{ key: t('dedicated'), value: t('edge') }],
      }),
    }),
  'TraefikHA on nodes that are watched': (chart, t) =>
    new TraefikHA(chart, 'a', { nodes: EdgeNodes.watched({ hostName: t('edge.example.com') }) }),
  CertManagerIssuer: (chart, t) =>
    new CertManagerIssuer(chart, 'a', {
      server: AcmeServer.of('https://ca.example.com/directory'),
      email: t('ops@example.com'),
      profile: t('short'),
      preferredChain: t('Example Root'),
      externalAccountBinding: { keyId: t('key-1'), key: secret(t) },
      certManager: { namespace: t('certs'), serviceAccount: t('manager') },
      name: t('letsencrypt'),
      solvers: [
        AcmeSolver.http01({ ingressClass: t('public'), zones: [HostedZone.of(t('example.org'))] }),
        AcmeSolver.cloudflare({ apiToken: secret(t), zones: [zoneOf(t)] }),
        AcmeSolver.rfc2136({
          nameserver: '192.0.2.1',
          tsig: { keyName: 'key', secret: secret(t) },
          zones: [HostedZone.of(t('example.net'))],
        }),
      ],
    }),
  'Route53DnsChallengeIam by a role': (chart, t) => {
    const challenge = new Route53DnsChallengeIam(chart, 'a', {
      zones: [zoneOf(t)],
      identity: AwsIdentity.role({ roleArn: t('arn:aws:iam::123456789012:role/a'), region: t('eu-central-1') }),
      serviceAccountNamespace: t('cert-manager'),
      name: t('dns01'),
    });
    new CertManagerIssuer(chart, 'b', { solvers: [challenge.solver] });
  },
  'Route53DnsChallengeIam by keys': (chart, t) => {
    const identity = AwsIdentity.staticKeys({ accessKeyId: secret(t), secretAccessKey: secret(t) });
    const challenge = new Route53DnsChallengeIam(chart, 'a', { zones: [zoneOf(t)], identity });
    new CertManagerIssuer(chart, 'b', { solvers: [challenge.solver] });
  },
  'Route53DnsChallengeIam by pods': (chart, t) => {
    const challenge = new Route53DnsChallengeIam(chart, 'a', { zones: [zoneOf(t)] });
    new CertManagerIssuer(chart, 'b', { solvers: [challenge.solver] });
  },
  'ExternalDns at Route 53': (chart, t) =>
    new ExternalDns(chart, 'a', {
      ownerId: t('prod-1'),
      zones: [zoneOf(t)],
      provider: DnsProvider.route53(),
      image: t('registry.example.com/external-dns:0.22.0'),
      name: t('dns'),
    }),
  'ExternalDns by updates': (chart, t) =>
    new ExternalDns(chart, 'a', {
      ownerId: t('prod-1'),
      zones: [HostedZone.of(t('example.com'))],
      provider: DnsProvider.rfc2136({ host: t('ns1.example.com'), tsig: { keyName: t('key'), secret: secret(t) } }),
    }),
  IngressRouteWithTls: (chart, t) =>
    new IngressRouteWithTls(chart, 'a', {
      traefik: existing(t),
      issuer: issuerOf(t),
      zones: [zoneOf(t)],
      secretName: t('web-tls'),
      hosts: [t('more.example.com')],
      dns: { targets: [t('203.0.113.10'), t('2001:db8::1')] },
      tlsOption: { name: t('mutual'), namespace: t('shop') },
      name: t('web'),
      routes: [
        {
          ...{ host: [t('a.example.com'), t('b.example.com')], pathPrefix: t('/v1'), backend: backend(t) },
          middlewares: [{ name: t('limits'), declaredElsewhere: true }],
        },
        { match: Match.host(t('c.example.com')), backend: [backend(t), { service: t('other'), port: 80 }] },
        { rule: `Host(\`${t('d.example.com')}\`) && PathPrefix(\`${t('/v2')}\`)`, backend: backend(t) },
      ],
    }),
  'IngressRouteWithTls to a name': (chart, t) =>
    new IngressRouteWithTls(chart, 'a', {
      ...{ traefik: existing(t), issuer: issuerOf(t), protocol: 'tcp', dns: { targets: [t('lb.example.net')] } },
      routes: [{ host: t('sql.example.com'), backend: backend(t) }],
    }),
  Certificate: (chart, t) =>
    new Certificate(chart, 'a', {
      ...{ secretName: t('mail-tls'), issuer: issuerOf(t), name: t('mail') },
      dnsNames: [t('mail.example.com'), t('mx.example.com')],
    }),
  DnsEndpoint: (chart, t) =>
    new DnsEndpoint(chart, 'a', {
      ...{ dnsName: t('mail.example.com'), zones: [zoneOf(t)], name: t('mail') },
      targets: [t('203.0.113.10'), t('2001:db8::1')],
    }),
  TlsOption: (chart, t) => new TlsOption(chart, 'a', { clientCaSecrets: [t('partners-ca')], name: t('mutual') }),
  TlsStore: (chart, t) => new TlsStore(chart, 'a', { certificates: [t('a-tls'), t('b-tls')] }),
  CertRotater: (chart, t) =>
    new CertRotater(chart, 'a', {
      ...{ image: t('registry.example.com/traefik-ha:0.1.0'), name: t('rotater') },
      settings: {
        ...{ ingressClass: t('public'), namespaces: [t('news'), t('blog')], selector: t('team') },
        zones: [t('example.com'), { name: t('example.net') }],
        certificates: {
          issuer: { kind: 'Issuer', name: t('letsencrypt') },
          ...{ strategy: 'wildcard-per-zone', wildcardNamespace: t('edge') },
          template: { labels: { [t('team')]: t('edge') } },
        },
        dns: { service: `${t('gateway')}/${t('traefik')}` },
        nodes: {
          ...{ endpoint: `${t('records')}/${t('nodes')}`, service: `${t('front')}/${t('traefik')}` },
          ...{ hostName: t('edge.example.com'), labels: { [t('example.com/edge')]: t('true') } },
        },
      },
      monitoring: { namespace: t('monitoring') },
    }),
  'CertRotater to addresses': (chart, t) =>
    new CertRotater(chart, 'a', {
      image: 'registry.example.com/traefik-ha:0.1.0',
      settings: { certificates: { issuer: t('letsencrypt') }, dns: { targets: [t('203.0.113.10'), t('2001:db8::1')] } },
    }),
  EdgeVerification: (chart, t) =>
    new EdgeVerification(chart, 'a', {
      ...{ image: t('registry.example.com/traefik-ha:0.1.0'), name: t('verification') },
      service: { namespace: t('edge'), name: t('traefik') },
      ...{ namespaces: [t('news'), t('blog')], ingressClass: t('public') },
      secrets: [{ namespace: t('shop'), name: t('web-tls') }],
      pushGateway: `http://${t('pushgateway.monitoring')}:9091`,
    }),
  KvSeedJob: (chart, t) =>
    new KvSeedJob(chart, 'a', {
      store: KvStore.etcd({ endpoints: [`${t('etcd')}:2379`] }),
      configuration: {
        http: { services: { shop: { loadBalancer: { servers: [{ url: 'http://10.0.0.7' }] } } } },
      },
      ...{ image: t('registry.example.com/curl:8.16.0'), name: t('seed') },
    }),
  KvCertificatePublisher: (chart, t) =>
    new KvCertificatePublisher(chart, 'a', {
      store: KvStore.consul({ endpoint: t('consul:8500') }),
      certificates: [{ secretName: t('web-tls') }, { secretName: t('mail-tls'), as: t('mail') }],
      ...{ image: t('registry.example.com/curl:8.16.0'), name: t('publisher') },
    }),
};

/** What is refused as an Output, since more than its text follows from it: by construct, value, and code. */
const REFUSED: readonly string[] = ['KvCertificatePublisher: consul:8500: KV-01'];

/** What `declare` comes to with the texts that `isLate` chooses as tokens, once these are known; or the codes of problems. */
function outcome(declare: (chart: Chart, t: Text) => void, isLate: (index: number) => boolean): unknown {
  const values = new Map<string, string>();
  let count = 0;
  const t: Text = (value) => {
    count += 1;
    if (!isLate(count - 1)) return value;
    return tokenFor(value);
  };
  const tokenFor = (value: string): string => {
    // What is made of tokens, such as a digest, is a token as well.
    const token = newToken((text, make) => tokenFor(make(reveal(text))));
    values.set(token, value);
    return token;
  };
  const reveal = (text: string) =>
    splitTokens(text)
      .map((part) => values.get(part) ?? part)
      .join('');
  const app = new App();
  const chart = new Chart(app, 'shop', { namespace: t('shop') });
  try {
    declare(chart, t);
    const objects = objectsOf([chart]).map(({ object, manifest }) => {
      const known = JSON.parse(reveal(JSON.stringify(manifest)));
      const { field, problems } = lateOf(object as ApiObject) ?? {};
      const wrong = problems?.(reveal) ?? [];
      if (wrong.length > 0) throw new TraefikHaError(wrong);
      if (field && known.spec[field.name]) known.spec[field.name] = field.write(known.spec[field.name], reveal);
      // Of no meaning, and sorted by what is known.
      known.spec?.certificates?.sort((a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      return known;
    });
    const wrong = lateRulesOf(app).flatMap(({ problems }) => problems(reveal));
    if (wrong.length > 0) throw new TraefikHaError(wrong);
    return Object.fromEntries(
      objects.map((each) => [[each.kind, each.metadata.namespace, each.metadata.name].join('/'), each]).sort(),
    );
  } catch (error) {
    if (error instanceof TraefikHaError) return error.problems.map(({ code }) => code).join();
    throw error;
  }
}

/** The open texts of a construct, that of its chart's namespace first. */
function textsOf(declare: (chart: Chart, t: Text) => void): string[] {
  const texts = ['shop'];
  declare(new Chart(new App(), 'shop', { namespace: 'shop' }), (value) => {
    texts.push(value);
    return value;
  });
  return texts;
}

test('each construct for Kubernetes is looked at here', () => {
  const index = readFileSync(join(__dirname, '../../lib/index.ts'), 'utf8');
  const exported = [...index.matchAll(/export \{([^}]*)\} from '\.\/(?!swarm\/)/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => {
      const { prototype } = (library as unknown as Record<string, { prototype?: unknown } | undefined>)[name] ?? {};
      return prototype instanceof Construct && !(prototype instanceof App);
    });
  const here = new Set(Object.keys(CONSTRUCTS).map((name) => name.split(' ')[0]));
  // It makes no objects.
  expect(exported.filter((name) => !here.has(name))).toEqual(['Cluster']);
  expect(exported).toContain('TraefikHA');
});

describe.each(Object.entries(CONSTRUCTS))('an Output at each open text of %s', (name, declare) => {
  const plain = outcome(declare, () => false);
  const texts = textsOf(declare);

  test('plain, it is right', () => {
    expect(plain).not.toEqual(expect.any(String));
  });

  test.each(texts.map((value, index) => [value, index] as const))('%s (%i)', (value, index) => {
    const late = outcome(declare, (each) => each === index);
    if (typeof late === 'string') expect(REFUSED).toContain(`${name}: ${value}: ${late}`);
    else expect(late).toEqual(plain);
  });

  test('all but what is refused', () => {
    const isRefused = (value: string) => REFUSED.some((line) => line.startsWith(`${name}: ${value}: `));
    expect(outcome(declare, (index) => !isRefused(texts[index] ?? ''))).toEqual(plain);
  });
});
