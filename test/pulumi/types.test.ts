import type * as pulumi from '@pulumi/pulumi';
import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import ts from 'typescript';
import {
  AcmeServer,
  AcmeSolver,
  CertificateStrategy,
  EdgeNodes,
  HostedZone,
  type IngressRouteWithTlsProps,
  LoadBalancer,
  Match,
} from '../../lib';
import {
  type CertManagerIssuerArgs,
  type CertRotaterArgs,
  type ExternalDnsArgs,
  type IngressRouteWithTlsArgs,
  type TraefikHAArgs,
  text,
} from '../../lib/pulumi';

// What of this file does not compile fails `npm run types`, and the last test.
declare const late: pulumi.Output<string>;
declare const number: pulumi.Output<number>;
declare const flag: pulumi.Output<boolean>;
type Route = Omit<IngressRouteWithTlsArgs, 'traefik' | 'issuer'>;

const right = () => {
  const traefik: TraefikHAArgs = {
    namespace: late,
    image: late,
    ingressClass: late,
    loadBalancer: LoadBalancer.generic(),
    replicas: 3,
    namespaces: [late, 'shop'],
  };
  const onNodes: TraefikHAArgs = { namespace: late, nodes: EdgeNodes.watched({ hostName: 'edge.example.com' }) };
  const issuer: CertManagerIssuerArgs = {
    namespace: Promise.resolve('edge'),
    email: late,
    server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
    solvers: [AcmeSolver.http01()],
    scope: 'namespace',
  };
  const route: Route = {
    namespace: late,
    secretName: late,
    zones: [HostedZone.of('example.com')],
    certificate: CertificateStrategy.wildcardPerZone(),
    dns: { targets: [late], ttlSeconds: 60 },
    routes: [
      { host: [late, 'b.example.com'], pathPrefix: late, backend: { service: late, port: late } },
      { match: Match.host('c.example.com'), backend: { service: 'web', port: 80 } },
    ],
  };
  const rotater: CertRotaterArgs = {
    namespace: late,
    image: late,
    settings: {
      ...{ ingressClass: late, namespaces: [late], zones: [late] },
      ...{ certificates: { issuer: late }, dns: { service: late } },
    },
    monitoring: { namespace: late },
  };
  const records: Pick<ExternalDnsArgs, 'namespace' | 'ownerId' | 'zones'> = {
    namespace: late,
    ownerId: late,
    zones: [{ name: late, zoneId: late }, HostedZone.of('example.com', { id: 'Z1' })],
  };
  return [traefik, onNodes, issuer, route, rotater, records];
};

const wrong = () => {
  // @ts-expect-error numbers decide how many objects there are, and what they say
  const replicas: TraefikHAArgs = { namespace: 'edge', replicas: number };
  // @ts-expect-error one of a few texts
  const scope: Pick<CertManagerIssuerArgs, 'scope'> = { scope: late };
  // @ts-expect-error a switch
  const guard: Pick<CertManagerIssuerArgs, 'guardSecrets'> = { guardSecrets: flag };
  // @ts-expect-error a list as a whole
  const namespaces: Pick<TraefikHAArgs, 'namespaces'> = { namespaces: late };
  // @ts-expect-error a unit
  const ttl: Pick<Route, 'dns'> = { dns: { ttlSeconds: number } };
  // @ts-expect-error settings as a whole
  const settings: Pick<CertRotaterArgs, 'settings'> = { settings: late };
  // @ts-expect-error one of a few texts, though it is right
  const entry: Pick<Route, 'protocol'> = { protocol: late as pulumi.Output<'tcp'> };
  // @ts-expect-error a unit of cdk8s is made of numbers
  const duration = () => Duration.seconds(text(late));
  // @ts-expect-error a list of cdk8s's own is no text
  const hosts: k8s.IngressTls = { hosts: text(late) };
  // @ts-expect-error nor is a struct
  const spec: k8s.KubeDeploymentProps = { spec: text(late) };
  // @ts-expect-error nor is a list of the library
  const zones: Pick<IngressRouteWithTlsProps, 'hosts'> = { hosts: text(late) };
  // @ts-expect-error nor is a struct of it
  const dns: Pick<Route, 'dns'> = { dns: late };
  // @ts-expect-error a construct of the library takes no Output as it is, which text() turns into a text
  const raw: Pick<IngressRouteWithTlsProps, 'secretName'> = { secretName: late };
  return [replicas, scope, guard, namespaces, ttl, settings, entry, duration, hosts, spec, zones, dns, raw];
};

test('texts may be Outputs; what decides over objects may not', () => {
  const { config } = ts.readConfigFile(`${__dirname}/../../tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, `${__dirname}/../..`);
  const program = ts.createProgram([__filename], options);
  const file = program.getSourceFile(__filename);
  const wrongs = program
    .getSemanticDiagnostics(file)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
  expect(wrongs).toEqual([]);
  // Neither is ever called: what counts is what the compiler says of them.
  expect([right, wrong]).toHaveLength(2);
}, 60_000);
