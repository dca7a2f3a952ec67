import { isIP, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { domainToASCII } from 'node:url';
import { ApiObject, App, Chart } from 'cdk8s';
import fc from 'fast-check';
import {
  AcmeServer,
  AcmeSolver,
  type AssumedRoleProps,
  AwsIdentity,
  type Backend,
  Certificate,
  type CertificateProps,
  CertificateStrategy,
  CertManagerIssuer,
  type CertManagerIssuerProps,
  CertRenewer,
  type CertRenewerProps,
  CertRotater,
  type CertRotaterProps,
  ConsulCluster,
  type ConsulClusterProps,
  DnsEndpoint,
  DnsProvider,
  DnsRouting,
  EdgeNamespace,
  EdgeNodes,
  type EdgeToleration,
  EdgeVerification,
  type EdgeVerificationProps,
  ExistingTraefik,
  type ExistingTraefikProps,
  ExternalDns,
  type ExternalDnsProps,
  HostedZone,
  IngressRouteWithTls,
  type IngressRouteWithTlsProps,
  type IrsaProps,
  iamGrants,
  KvCertificatePublisher,
  type KvCertificatePublisherProps,
  KvSeed,
  KvSeedJob,
  type KvSeedJobProps,
  type KvSeedProps,
  KvStore,
  LoadBalancer,
  Match,
  type MiddlewareRef,
  RenewerDns,
  type RotaterSettingsProps,
  Route53DnsChallengeIam,
  type RouteMatch,
  type Rule,
  SharedCertVolume,
  StackService,
  SwarmService,
  type SwarmServiceProps,
  SwarmStack,
  type SwarmStackProps,
  SwarmTraefik,
  type SwarmTraefikProps,
  TlsOption,
  type TlsOptionProps,
  TlsStore,
  TraefikHA,
  type TraefikHAProps,
  TraefikHaError,
} from 'traefik-ha';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import { filesOf } from '../lib/app-files';
import { parseRule } from '../lib/model/rule/parse';
import { CA_CERTIFICATE, ZONE } from './support/charts';
import { schemaProblems } from './support/schemas';

/*
 * Every text that a program can give is tried with text that nobody thought of. It becomes part of objects that the API
 * server takes, or a TraefikHaError: never another error, and never is it accepted and then left out.
 *
 * A new property is a new line of the table.
 */

/** How a text that was accepted shows among the texts of the output. */
type Shown = (text: string, leaves: readonly string[]) => boolean;

/** As a whole text of the output, in the form that `form` gives it. */
const whole =
  (form: (text: string) => string = (text) => text): Shown =>
  (text, leaves) =>
    leaves.includes(form(text));

/** Within a longer text. */
const within =
  (form: (text: string) => string): Shown =>
  (text, leaves) =>
    leaves.some((leaf) => leaf.includes(form(text)));

/** As a value of a rule, in the form that `form` gives it. */
const inRule =
  (form: (text: string) => string = (text) => text): Shown =>
  (text, leaves) =>
    leaves.some((leaf) => valuesOf(parseRule(leaf).rule).includes(form(text)));

/** Hosts are written in ASCII and lower case, without trailing dot; what no host name holds has no such form. */
function hostForm(text: string): string {
  return text
    .replace(/\.$/, '')
    .split(/[.\u3002\uff0e\uff61]/)
    .map((label) => (/^[\0-\x7f]*$/.test(label) ? label.toLowerCase() : asciiLabel(label)))
    .join('.');
}

function asciiLabel(label: string): string {
  return /[^\w*\u0080-\uffff-]/.test(label) ? 'no host name holds this' : domainToASCII(`${label}.a`).slice(0, -2);
}

function valuesOf(rule: Rule | undefined): readonly string[] {
  if (!rule) return [];
  if (rule.type === 'matcher') return rule.values;
  return rule.type === 'not' ? valuesOf(rule.operand) : rule.operands.flatMap(valuesOf);
}

/** Addresses have one spelling each (RFC 5952). */
function targetForm(text: string): string {
  return isIPv6(text) && URL.canParse(`http://[${text}]`)
    ? new URL(`http://[${text}]`).hostname.slice(1, -1)
    : hostForm(text);
}

interface Row {
  /** A text that is accepted: what is tried is often close to it. */
  readonly good: string;
  readonly build: (text: string, chart: Chart) => void;
  readonly shown: Shown;
}

const row = (good: string, build: Row['build'], shown: Shown = whole()): Row => ({ good, build, shown });

// ---- programs that are complete but for one text

const solvers = [AcmeSolver.http01()];
const secret = { secretName: 'credentials', key: 'key' };
const steered = (chart: Chart, routing: DnsRouting) =>
  new DnsEndpoint(chart, 'a', { dnsName: 'a.example.com', targets: ['203.0.113.10'], routing });
const traefik = new ExistingTraefik({ dnsTargets: ['203.0.113.10'] });
const existing = CertManagerIssuer.existing('letsencrypt');
const backend = { service: 'web', port: 80 };
const PROVIDER = 'arn:aws:iam::123456789012:oidc-provider/oidc.example.com';

const issuer = (chart: Chart, props: Partial<CertManagerIssuerProps>) =>
  new CertManagerIssuer(chart, 'issuer', { server: AcmeServer.of('https://ca.example.com'), solvers, ...props });
const certificate = (chart: Chart, props: Partial<CertificateProps>) =>
  new Certificate(chart, 'certificate', {
    secretName: 'tls',
    dnsNames: ['a.example.com'],
    issuer: existing,
    ...props,
  });
const seedJob = (chart: Chart, props: Partial<KvSeedJobProps>) =>
  new KvSeedJob(chart, 'seed', {
    store: KvStore.etcd({ endpoints: ['etcd:2379'] }),
    configuration: { tls: { options: { modern: { minVersion: 'VersionTLS13' } } } },
    ...props,
  });
const publisher = (chart: Chart, props: Partial<KvCertificatePublisherProps>) =>
  new KvCertificatePublisher(chart, 'publisher', {
    store: KvStore.etcd({ endpoints: ['etcd:2379'] }),
    certificates: [{ secretName: 'tls' }],
    ...props,
  });
const route = (chart: Chart, props: Partial<IngressRouteWithTlsProps>) =>
  new IngressRouteWithTls(chart, 'route', {
    ...{ traefik, issuer: existing },
    routes: [{ host: 'a.example.com', backend }],
    ...props,
  });
const matching = (chart: Chart, match: RouteMatch) =>
  route(chart, { routes: [{ ...match, backend }], hosts: ['a.example.com'] });
const ruled = (chart: Chart, match: Rule) => matching(chart, { match });
const leading = (chart: Chart, to: Backend) => route(chart, { routes: [{ host: 'a.example.com', backend: to }] });
const through = (chart: Chart, middleware: MiddlewareRef) =>
  route(chart, { routes: [{ host: 'a.example.com', backend, middlewares: [middleware] }] });
const served = (chart: Chart, props: ExistingTraefikProps) =>
  route(chart, { traefik: new ExistingTraefik({ dnsTargets: ['203.0.113.10'], ...props }) });
const traefikHa = (chart: Chart, props: TraefikHAProps) => new TraefikHA(chart, 'traefik', props);
const balanced = (chart: Chart, loadBalancer: LoadBalancer) => traefikHa(chart, { loadBalancer });
const onNodes = (chart: Chart, props: Partial<Parameters<typeof EdgeNodes.watched>[0]>) =>
  traefikHa(chart, { nodes: EdgeNodes.watched({ hostName: 'edge.example.com', ...props }) });
const tolerant = (chart: Chart, toleration: EdgeToleration) => onNodes(chart, { tolerations: [toleration] });
const option = (chart: Chart, props: TlsOptionProps) => new TlsOption(chart, 'option', props);
const rotater = (chart: Chart, props: Partial<CertRotaterProps>) =>
  new CertRotater(chart, 'rotater', { image: 'example.com/rotater:1', settings: { dns: {} }, ...props });
const verification = (chart: Chart, props: Partial<EdgeVerificationProps>) =>
  new EdgeVerification(chart, 'verification', {
    image: 'example.com/a:1',
    service: { namespace: 'edge', name: 'traefik' },
    ...props,
  });
const settings = (good: string, of: (text: string) => RotaterSettingsProps) =>
  row(
    good,
    (text, chart) => rotater(chart, { settings: of(text) }),
    within((text) => JSON.stringify(text)),
  );
const NODES = { endpoint: 'edge/nodes', hostName: 'edge.example.com' };
const externalDns = (chart: Chart, props: Partial<ExternalDnsProps>) =>
  new ExternalDns(chart, 'dns', { ownerId: 'prod', zones: [ZONE], provider: DnsProvider.route53(), ...props });
const updated = (chart: Chart, props: Partial<Parameters<typeof DnsProvider.rfc2136>[0]>) =>
  externalDns(chart, {
    provider: DnsProvider.rfc2136({ host: '192.0.2.53', tsig: { keyName: 'edge', secret }, ...props }),
  });
const challenge = (chart: Chart, props: Partial<IrsaProps>, more: { namespace?: string; name?: string } = {}) =>
  new Route53DnsChallengeIam(chart, 'dns01', {
    zones: [ZONE],
    identity: AwsIdentity.irsa({ oidcProviderArn: PROVIDER, ...props }),
    emit: 'ack',
    serviceAccountNamespace: more.namespace,
    name: more.name,
  });
/** What is granted to external-dns goes to files, and is shown here in an object. */
const granted = (chart: Chart, identity: AwsIdentity) => {
  externalDns(chart, { provider: DnsProvider.route53({ identity }) });
  const data = { grants: JSON.stringify(iamGrants(chart)) };
  new ApiObject(chart, 'grants', { apiVersion: 'v1', kind: 'ConfigMap', ...{ metadata: { name: 'grants' }, data } });
};
const CLUSTER = 'arn:aws:eks:eu-central-1:123456789012:cluster/prod';
const ZONES_ROLE = 'arn:aws:iam::210987654321:role/dns';
const assuming = (chart: Chart, props: Partial<AssumedRoleProps>) => {
  const caller = AwsIdentity.podIdentity({ clusterArn: CLUSTER });
  granted(chart, AwsIdentity.assumedRole(caller, { roleArn: ZONES_ROLE, ...props }));
};
const permitted = (chart: Chart, certManager: CertManagerIssuerProps['certManager'], namespace: string) =>
  issuer(chart, { solvers: [challenge(chart, {}, { namespace }).solver], certManager });

const NETWORK = '10.0.0.0/16';

const stackIn = (chart: Chart, props?: SwarmStackProps) => new SwarmStack(chart.node.root as App, 'edge', props);
const swarmTraefik = (chart: Chart, props: SwarmTraefikProps, stack?: SwarmStackProps) =>
  new SwarmTraefik(stackIn(chart, stack), 'traefik', props);
const consul = (chart: Chart, props: ConsulClusterProps) => new ConsulCluster(stackIn(chart), 'consul', props);
const kvSeed = (chart: Chart, props: Partial<KvSeedProps>) =>
  new KvSeed(stackIn(chart), 'seed', {
    store: KvStore.etcd({ endpoints: ['etcd:2379'] }),
    configuration: { tls: { options: { modern: { minVersion: 'VersionTLS13' } } } },
    ...props,
  });
const renewer = (chart: Chart, props: Partial<CertRenewerProps>) => {
  const stack = stackIn(chart);
  const kvStore = KvStore.etcd({ endpoints: ['etcd:2379'] });
  return new CertRenewer(stack, 'renewer', {
    traefik: new SwarmTraefik(stack, 'traefik', { kvStore }),
    zones: [ZONE],
    email: 'ops@example.com',
    dnsProvider: RenewerDns.lego('cloudflare'),
    publishTo: kvStore,
    ...props,
  });
};
const byLego = (chart: Chart, ...[props, provider = 'cloudflare']: [Parameters<typeof RenewerDns.lego>[1], string?]) =>
  renewer(chart, { dnsProvider: RenewerDns.lego(provider, props) });
const byCertbot = (chart: Chart, props: Parameters<typeof RenewerDns.certbot>[1]) =>
  renewer(chart, { dnsProvider: RenewerDns.certbot('rfc2136', props) });
const shared = (chart: Chart, sharedCertificates: SharedCertVolume) => swarmTraefik(chart, { sharedCertificates });
const swarmService = (chart: Chart, props: Partial<SwarmServiceProps>) => {
  const stack = stackIn(chart);
  return new SwarmService(stack, 'web', {
    traefik: new SwarmTraefik(stack, 'traefik'),
    image: 'example.com/web:1',
    routes: [{ host: 'a.example.com', port: 8080 }],
    ...props,
  });
};

const TABLE: Record<string, Row> = {
  // certificates
  'AcmeServer.of(directory)': row('https://ca.example.com/dir', (text, chart) =>
    issuer(chart, { server: AcmeServer.of(text) }),
  ),
  'AcmeServer.of(caBundle)': row(
    CA_CERTIFICATE,
    (caBundle, chart) => issuer(chart, { server: AcmeServer.of('https://ca.example.com', { caBundle }) }),
    whole((text) => Buffer.from(text).toString('base64')),
  ),
  'CertManagerIssuer.existing(name)': row('letsencrypt', (text, chart) => {
    certificate(chart, { issuer: CertManagerIssuer.existing(text) });
    const routes = [{ host: 'b.example.com', backend: { service: 'web', port: 80 } }];
    route(chart, { issuer: CertManagerIssuer.existing(text), routes });
  }),
  'CertManagerIssuer.existing(namespace)': row('shop', (namespace, chart) =>
    certificate(chart, { issuer: CertManagerIssuer.existing('own', { namespace }) }),
  ),
  'CertManagerIssuerProps.email': row('ops@example.com', (email, chart) => issuer(chart, { email })),
  'CertManagerIssuerProps.profile': row('weekly', (profile, chart) => issuer(chart, { profile })),
  'CertManagerIssuerProps.preferredChain': row('Root X1', (preferredChain, chart) => issuer(chart, { preferredChain })),
  'CertManagerIssuerProps.externalAccountBinding.keyId': row('account-1', (keyId, chart) =>
    issuer(chart, { externalAccountBinding: { keyId, key: secret } }),
  ),
  'CertManagerIssuerProps.name': row('letsencrypt', (name, chart) => issuer(chart, { name })),
  'CertManagerInstallation.namespace': row('security', (namespace, chart) =>
    permitted(chart, { namespace, clusterResourceNamespace: 'secrets' }, 'secrets'),
  ),
  'CertManagerInstallation.serviceAccount': row('cm.example', (serviceAccount, chart) =>
    permitted(chart, { serviceAccount }, 'cert-manager'),
  ),
  'CertManagerInstallation.clusterResourceNamespace': row('secrets', (text, chart) =>
    permitted(chart, { clusterResourceNamespace: text }, text),
  ),
  'CertificateProps.secretName': row('web.example-tls', (secretName, chart) => certificate(chart, { secretName })),
  'CertificateProps.dnsNames': row(
    'bücher.example.com',
    (text, chart) => certificate(chart, { dnsNames: [text] }),
    whole(hostForm),
  ),
  'CertificateProps.name': row('web', (name, chart) => certificate(chart, { name })),
  'Http01Props.ingressClass': row('inner.edge', (ingressClass, chart) =>
    issuer(chart, { solvers: [AcmeSolver.http01({ ingressClass })] }),
  ),
  'Rfc2136Props.nameserver': row('[2001:db8::53]:5353', (nameserver, chart) =>
    issuer(chart, { solvers: [AcmeSolver.rfc2136({ nameserver, tsig: { keyName: 'edge', secret } })] }),
  ),
  'Rfc2136Props.tsig.keyName': row('edge_key.example.com.', (keyName, chart) =>
    issuer(chart, { solvers: [AcmeSolver.rfc2136({ nameserver: '192.0.2.53', tsig: { keyName, secret } })] }),
  ),
  'SecretKey.secretName': row('cloudflare', (secretName, chart) =>
    issuer(chart, { solvers: [AcmeSolver.cloudflare({ apiToken: { secretName, key: 'k' } })] }),
  ),
  'SecretKey.key': row('api_token.txt', (key, chart) =>
    issuer(chart, { solvers: [AcmeSolver.cloudflare({ apiToken: { secretName: 's', key } })] }),
  ),

  // aws
  'IrsaProps.oidcProviderArn': row(
    PROVIDER,
    (oidcProviderArn, chart) => challenge(chart, { oidcProviderArn }),
    within((text) => `"Federated":"${text}"`),
  ),
  'IrsaProps.roleName': row('Edge_DNS@prod', (roleName, chart) => challenge(chart, { roleName })),
  'IrsaProps.audience': row('edge', (audience, chart) => challenge(chart, { audience }), within(JSON.stringify)),
  'PodIdentityProps.clusterArn': row(
    CLUSTER,
    (clusterArn, chart) => granted(chart, AwsIdentity.podIdentity({ clusterArn })),
    within(JSON.stringify),
  ),
  'PodIdentityProps.roleName': row(
    'Edge_DNS@prod',
    (roleName, chart) => granted(chart, AwsIdentity.podIdentity({ clusterArn: CLUSTER, roleName })),
    within((text) => `"arn:aws:iam::123456789012:role/${text}"`),
  ),
  'AmbientProps.region': row('eu-central-1', (region, chart) => granted(chart, AwsIdentity.ambient({ region }))),
  'AssumedRoleProps.roleArn': row(ZONES_ROLE, (roleArn, chart) => assuming(chart, { roleArn }), within(JSON.stringify)),
  'AssumedRoleProps.externalId': row(
    'edge-prod',
    (externalId, chart) => assuming(chart, { externalId }),
    within((text) => `"sts:ExternalId":${JSON.stringify(text)}`),
  ),
  'AssumedRoleProps.callerArn': row(
    'arn:aws:iam::123456789012:user/dns',
    (callerArn, chart) => assuming(chart, { callerArn }),
    within((text) => `"Principal":{"AWS":${JSON.stringify(text)}}`),
  ),
  'Route53DnsChallengeIamProps.controllerServiceAccount': row(
    'cert-manager',
    (controllerServiceAccount, chart) => {
      const identity = AwsIdentity.podIdentity({ clusterArn: CLUSTER });
      new Route53DnsChallengeIam(chart, 'dns01', { zones: [ZONE], identity, controllerServiceAccount });
      const data = { grants: JSON.stringify(iamGrants(chart)) };
      new ApiObject(chart, 'grants', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        ...{ metadata: { name: 'grants' }, data },
      });
    },
    within((text) => `"serviceAccount":"${text}"`),
  ),
  'Route53DnsChallengeIamProps.serviceAccountNamespace': row('secrets', (namespace, chart) =>
    challenge(chart, {}, { namespace }),
  ),
  'Route53DnsChallengeIamProps.name': row('challenge', (name, chart) => challenge(chart, {}, { name })),
  'RoleProps.roleArn': row('arn:aws:iam::123456789012:role/edge', (roleArn, chart) =>
    externalDns(chart, { provider: DnsProvider.route53({ identity: AwsIdentity.role({ roleArn }) }) }),
  ),
  'RoleProps.audience': row('edge', (audience, chart) => {
    const identity = AwsIdentity.role({ roleArn: 'arn:aws:iam::123456789012:role/edge', audience });
    externalDns(chart, { provider: DnsProvider.route53({ identity }) });
  }),
  'RoleProps.region': row('eu-central-1', (region, chart) => {
    const identity = AwsIdentity.role({ roleArn: 'arn:aws:iam::123456789012:role/edge', region });
    externalDns(chart, { provider: DnsProvider.route53({ identity }) });
  }),
  'StaticKeysProps.accessKeyId.key': row('id', (key, chart) => {
    const identity = AwsIdentity.staticKeys({ accessKeyId: { secretName: 'aws', key }, secretAccessKey: secret });
    externalDns(chart, { provider: DnsProvider.route53({ identity }) });
  }),

  // dns
  'DnsEndpointProps.dnsName': row(
    'bücher.example.com',
    (dnsName, chart) => new DnsEndpoint(chart, 'a', { dnsName, targets: ['203.0.113.10'] }),
    whole(hostForm),
  ),
  'DnsEndpointProps.targets': row(
    '2001:db8::10',
    (text, chart) => new DnsEndpoint(chart, 'a', { dnsName: 'a.example.com', targets: [text] }),
    whole(targetForm),
  ),
  'RoutingProps.setIdentifier': row('blue', (setIdentifier, chart) =>
    steered(chart, DnsRouting.weighted({ weight: 1, setIdentifier })),
  ),
  'RoutingProps.healthCheckId': row('0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0', (healthCheckId, chart) =>
    steered(chart, DnsRouting.failover('primary', { setIdentifier: 'blue', healthCheckId })),
  ),
  'LatencyProps.region': row('eu-central-1', (region, chart) =>
    steered(chart, DnsRouting.latency({ region, setIdentifier: 'blue' })),
  ),
  'GeoLocation.country': row('DE', (country, chart) =>
    steered(chart, DnsRouting.geolocation({ country }, { setIdentifier: 'blue' })),
  ),
  'GeoLocation.subdivision': row('NY', (subdivision, chart) =>
    steered(chart, DnsRouting.geolocation({ country: 'US', subdivision }, { setIdentifier: 'blue' })),
  ),
  'MultiValueProps.healthChecks': row('0f1e2d3c', (id, chart) =>
    steered(chart, DnsRouting.multiValue({ setIdentifier: 'blue', healthChecks: { '203.0.113.10': id } })),
  ),
  'MultiValueProps.healthChecks (key)': row(
    '203.0.113.10',
    (address, chart) =>
      steered(chart, DnsRouting.multiValue({ setIdentifier: 'blue', healthChecks: { [address]: 'check' } })),
    (text, leaves) => whole(targetForm)(text, leaves) && leaves.includes('check'),
  ),
  'DnsEndpointProps.name': row(
    'web',
    (name, chart) => new DnsEndpoint(chart, 'a', { name, dnsName: 'a.example.com', targets: ['203.0.113.10'] }),
  ),
  'CertRotaterProps.image': row('example.com/rotater:v1', (image, chart) => rotater(chart, { image })),
  'RotaterMonitoring.namespace': row('monitoring', (namespace, chart) => rotater(chart, { monitoring: { namespace } })),
  'RotaterMonitoring.operator.labels': row('prometheus', (release, chart) =>
    rotater(chart, { monitoring: { namespace: 'monitoring', operator: { labels: { release } } } }),
  ),
  'RotaterMonitoring.operator.labels (key)': row('release', (key, chart) =>
    rotater(chart, { monitoring: { namespace: 'monitoring', operator: { labels: { [key]: 'prometheus' } } } }),
  ),
  'EdgeVerificationProps.image': row('example.com/traefik-ha:1', (image, chart) => verification(chart, { image })),
  'EdgeVerificationProps.service.namespace': row('edge', (namespace, chart) =>
    verification(chart, { service: { namespace, name: 'traefik' } }),
  ),
  'EdgeVerificationProps.service.name': row('traefik', (name, chart) =>
    verification(chart, { service: { namespace: 'edge', name } }),
  ),
  'EdgeVerificationProps.schedule': row('*/10 6-22 * * 1,2', (schedule, chart) => verification(chart, { schedule })),
  'EdgeVerificationProps.namespaces': row('shop', (namespace, chart) =>
    verification(chart, { namespaces: [namespace] }),
  ),
  'EdgeVerificationProps.ingressClass': row(
    'traefik',
    (ingressClass, chart) => verification(chart, { ingressClass }),
    whole((text) => `--ingress-class=${text}`),
  ),
  'EdgeVerificationProps.secrets.namespace': row('shop', (namespace, chart) =>
    verification(chart, { secrets: [{ namespace, name: 'web-tls' }] }),
  ),
  'EdgeVerificationProps.secrets.name': row('web-tls', (name, chart) =>
    verification(chart, { secrets: [{ namespace: 'shop', name }] }),
  ),
  'EdgeVerificationProps.pushGateway': row(
    'http://pushgateway.monitoring:9091',
    (pushGateway, chart) => verification(chart, { pushGateway }),
    whole((text) => `--push=${text.replace(/\/$/, '')}/metrics/job/verification`),
  ),
  'EdgeVerificationProps.name': row('verification', (name, chart) => verification(chart, { name })),
  'CertRotaterProps.name': row('cert-rotater', (name, chart) => rotater(chart, { name })),
  'RotaterSettingsProps.ingressClass': settings('traefik', (ingressClass) => ({ dns: {}, ingressClass })),
  'RotaterSettingsProps.namespaces': settings('shop', (namespace) => ({ dns: {}, namespaces: [namespace] })),
  'RotaterSettingsProps.selector': settings('team=shop', (selector) => ({ dns: {}, selector })),
  'RotaterSettingsProps.zones': settings('example.com', (zone) => ({ dns: {}, zones: [zone] })),
  'RotaterSettingsProps.zones.name': settings('example.com', (name) => ({ dns: {}, zones: [{ name }] })),
  'RotaterSettingsProps.dns.targets': settings('203.0.113.10', (target) => ({ dns: { targets: [target] } })),
  'RotaterSettingsProps.dns.service': settings('edge/traefik', (service) => ({ dns: { service } })),
  'RotaterSettingsProps.certificates.issuer': settings('letsencrypt', (issuer) => ({ certificates: { issuer } })),
  'RotaterSettingsProps.certificates.issuer.name': settings('letsencrypt', (name) => ({
    certificates: { issuer: { kind: 'Issuer', name } },
  })),
  'RotaterSettingsProps.certificates.wildcardNamespace': settings('edge', (wildcardNamespace) => ({
    certificates: { issuer: 'letsencrypt', strategy: 'wildcard-per-zone', wildcardNamespace },
  })),
  'RotaterSettingsProps.certificates.template.labels': settings('edge', (team) => ({
    certificates: { issuer: 'letsencrypt', template: { labels: { team } } },
  })),
  'RotaterSettingsProps.certificates.template.annotations': settings('edge', (team) => ({
    certificates: { issuer: 'letsencrypt', template: { annotations: { team } } },
  })),
  'NodeRecordProps.endpoint': settings('edge/nodes', (endpoint) => ({ nodes: { ...NODES, endpoint } })),
  'NodeRecordProps.hostName': settings('edge.example.com', (hostName) => ({ nodes: { ...NODES, hostName } })),
  'NodeRecordProps.labels': settings('edge', (role) => ({ nodes: { ...NODES, labels: { role } } })),
  'NodeRecordProps.service': settings('edge/traefik', (service) => ({ nodes: { ...NODES, service } })),
  'ExternalDnsProps.ownerId': row(
    'prod-1',
    (ownerId, chart) => externalDns(chart, { ownerId }),
    whole((text) => `--txt-owner-id=${text}`),
  ),
  'ExternalDnsProps.image': row('example.com/dns:v1', (image, chart) => externalDns(chart, { image })),
  'ExternalDnsProps.name': row('external-dns', (name, chart) => externalDns(chart, { name })),
  'HostedZone.of(name)': row(
    'bücher.example',
    (text, chart) => externalDns(chart, { zones: [HostedZone.of(text, { id: 'Z1' })] }),
    whole((text) => `--domain-filter=${hostForm(text)}`),
  ),
  'HostedZoneProps.id': row(
    '/hostedzone/Z0123456789',
    (id, chart) => externalDns(chart, { zones: [HostedZone.of('example.com', { id })] }),
    whole((text) => `--zone-id-filter=${text.replace('/hostedzone/', '')}`),
  ),
  'Rfc2136ProviderProps.host': row(
    'ns1.example.com',
    (host, chart) => updated(chart, { host }),
    whole((text) => `--rfc2136-host=${isIP(text) ? text : hostForm(text)}`),
  ),
  'Rfc2136ProviderProps.tsig.keyName': row(
    'edge_key',
    (keyName, chart) => updated(chart, { tsig: { keyName, secret } }),
    whole((text) => `--rfc2136-tsig-keyname=${text}`),
  ),

  // edge
  'IngressRouteWithTlsProps.secretName': row('web.tls', (secretName, chart) => route(chart, { secretName })),
  'IngressRouteWithTlsProps.hosts': row(
    '*.bücher.example',
    (text, chart) => route(chart, { hosts: [text] }),
    whole(hostForm),
  ),
  'IngressRouteWithTlsProps.entryPoints': row('websecure', (text, chart) => route(chart, { entryPoints: [text] })),
  'IngressRouteWithTlsProps.name': row('web', (name, chart) => route(chart, { name })),
  'RouteDnsProps.targets': row(
    'lb.example.net',
    (text, chart) => route(chart, { dns: { targets: [text] } }),
    whole(targetForm),
  ),
  'HostRoute.host': row(
    'bücher.example.com',
    (host, chart) => route(chart, { routes: [{ host, backend }] }),
    (text, leaves) => inRule(hostRuleForm)(text, leaves) && whole(hostForm)(text, leaves),
  ),
  'HostRoute.pathPrefix': row(
    '/a b',
    (pathPrefix, chart) => matching(chart, { host: 'a.example.com', pathPrefix }),
    inRule(),
  ),
  'TextRoute.rule': row(
    'Host(`a.example.com`) && PathPrefix(`/`)',
    (rule, chart) => matching(chart, { rule }),
    (text, leaves) => leaves.some((leaf) => sameRule(leaf, text)),
  ),
  'RouteProps.middlewares': row('auth.example', (name, chart) => through(chart, { name, declaredElsewhere: true })),
  'ServicePort.service': row('web', (service, chart) => leading(chart, { service, port: 80 })),
  'ServicePort.port': row('http-alt', (port, chart) => leading(chart, { service: 'web', port })),
  'ServiceLike.name': row('web', (name, chart) => leading(chart, { name, port: 80 })),
  'ServiceLike.metadata.namespace': row('shop', (namespace, chart) =>
    leading(chart, { name: 'web', port: 80, metadata: { namespace } }),
  ),
  'wildcard of HostedZone.of(name)': row(
    'bücher-laden.example',
    (text, chart) =>
      route(chart, {
        traefik: new ExistingTraefik({ dnsTargets: ['203.0.113.10'], defaultStore: new TlsStore(chart, 'store') }),
        routes: [{ host: `a.${text}`, backend }],
        zones: [HostedZone.of(text)],
        certificate: CertificateStrategy.wildcardPerZone(),
      }),
    whole((text) => `*.${hostForm(text)}`),
  ),

  // rules of typed parts
  'Match.host': row('bücher.example.com', (text, chart) => ruled(chart, Match.host(text)), inRule(hostRuleForm)),
  'Match.hostRegexp': row('^[a-z]+$', (text, chart) => ruled(chart, Match.hostRegexp(text)), inRule()),
  'Match.path': row('/a', (text, chart) => ruled(chart, Match.path(text)), inRule()),
  'Match.pathPrefix': row('/a`b', (text, chart) => ruled(chart, Match.pathPrefix(text)), inRule()),
  'Match.pathRegexp': row('\\.jpe?g$', (text, chart) => ruled(chart, Match.pathRegexp(text)), inRule()),
  'Match.method': row(
    'get',
    (text, chart) => ruled(chart, Match.method(text)),
    inRule((text) => text.toUpperCase()),
  ),
  'Match.header': row('X-A', (text, chart) => ruled(chart, Match.header(text, text)), inRule()),
  'Match.headerRegexp': row('a|b', (text, chart) => ruled(chart, Match.headerRegexp('A', text)), inRule()),
  'Match.query': row('q "\\', (text, chart) => ruled(chart, Match.query(text, text)), inRule()),
  'Match.queryRegexp': row('a*', (text, chart) => ruled(chart, Match.queryRegexp('q', text)), inRule()),
  'Match.clientIp': row('192.0.2.0/24', (text, chart) => ruled(chart, Match.clientIp(text)), inRule()),

  // traefik
  'ExistingTraefikProps.ingressClass': row('inner', (ingressClass, chart) => served(chart, { ingressClass })),
  'ExistingTraefikProps.namespaces': row('shop', (text, chart) => served(chart, { namespaces: [text] })),
  'ExistingTraefikProps.entryPoints': row('tls', (text, chart) => served(chart, { entryPoints: [text] })),
  'ExistingTraefikProps.dnsTargets': row(
    'lb.example.net',
    (text, chart) => served(chart, { dnsTargets: [text] }),
    whole(targetForm),
  ),
  'ConsulProps.endpoint': row(
    'consul:8500',
    (endpoint, chart) => traefikHa(chart, { kvStore: KvStore.consul({ endpoint }) }),
    whole((endpoint) => `--providers.consul.endpoints=${endpoint}`),
  ),
  'ConsulProps.token': row('consul', (token, chart) =>
    traefikHa(chart, { kvStore: KvStore.consul({ endpoint: 'consul:8500', token }) }),
  ),
  'EtcdProps.endpoints': row(
    'etcd-0.etcd:2379',
    (endpoint, chart) => traefikHa(chart, { kvStore: KvStore.etcd({ endpoints: [endpoint] }) }),
    whole((endpoint) => `--providers.etcd.endpoints=${endpoint}`),
  ),
  'EtcdProps.credentials.username': row('etcd', (username, chart) =>
    seedJob(chart, { store: KvStore.etcd({ endpoints: ['etcd:2379'], credentials: { username, password: 'p' } }) }),
  ),
  'EtcdProps.credentials.password': row('etcd', (password, chart) =>
    seedJob(chart, { store: KvStore.etcd({ endpoints: ['etcd:2379'], credentials: { username: 'u', password } }) }),
  ),
  'RedisProps.endpoint': row(
    'redis:6379',
    (endpoint, chart) => seedJob(chart, { store: KvStore.redis({ endpoint }) }),
    whole((endpoint) => `redis://${endpoint}`),
  ),
  'RedisProps.credentials.username': row('redis', (username, chart) =>
    seedJob(chart, { store: KvStore.redis({ endpoint: 'redis:6379', credentials: { username, password: 'p' } }) }),
  ),
  'RedisProps.credentials.password': row('redis', (password, chart) =>
    seedJob(chart, { store: KvStore.redis({ endpoint: 'redis:6379', credentials: { password } }) }),
  ),
  'ZooKeeperProps.endpoints': row(
    'zookeeper:2181',
    (endpoint, chart) => traefikHa(chart, { kvStore: KvStore.zooKeeper({ endpoints: [endpoint] }) }),
    whole((endpoint) => `--providers.zookeeper.endpoints=${endpoint}`),
  ),
  'ZooKeeperProps.credentials.username': row('zookeeper', (username, chart) =>
    traefikHa(chart, {
      kvStore: KvStore.zooKeeper({ endpoints: ['zk:2181'], credentials: { username, password: 'p' } }),
    }),
  ),
  'ZooKeeperProps.credentials.password': row('zookeeper', (password, chart) =>
    traefikHa(chart, {
      kvStore: KvStore.zooKeeper({ endpoints: ['zk:2181'], credentials: { username: 'u', password } }),
    }),
  ),
  'KvStoreProps.rootKey': row('edge/traefik', (rootKey, chart) =>
    seedJob(chart, { store: KvStore.etcd({ endpoints: ['etcd:2379'], rootKey }) }),
  ),
  'KvSeedJobProps.image': row('example.com:5000/curl:8.11.1', (image, chart) => seedJob(chart, { image })),
  'KvSeedJobProps.name': row(
    'seed',
    (name, chart) => seedJob(chart, { name }),
    within((name) => `/${name}`),
  ),
  'KvCertificatePublisherProps.image': row('example.com/curl:8.11.1', (image, chart) => publisher(chart, { image })),
  'KvCertificatePublisherProps.name': row('publisher', (name, chart) => publisher(chart, { name })),
  'PublishedCertificate.secretName': row('shop-tls', (secretName, chart) =>
    publisher(chart, { certificates: [{ secretName }] }),
  ),
  'PublishedCertificate.as': row(
    'shop',
    (as, chart) => publisher(chart, { certificates: [{ secretName: 'shop-tls', as }] }),
    whole((as) => `/certificates/${as}`),
  ),
  'TraefikHAProps.version': row(
    '3.7.9',
    (version, chart) => traefikHa(chart, { version }),
    whole((text) => `docker.io/library/traefik:v${text}`),
  ),
  'TraefikHAProps.image': row('example.com:5000/traefik:v3.7.13', (image, chart) => traefikHa(chart, { image })),
  'TraefikHAProps.ingressClass': row('inner', (ingressClass, chart) => traefikHa(chart, { ingressClass })),
  'TraefikHAProps.namespaces': row('team', (text, chart) => traefikHa(chart, { namespaces: [text] })),
  'TraefikHAProps.extraArguments': row('--tracing.otlp=true', (text, chart) =>
    traefikHa(chart, { extraArguments: [text] }),
  ),
  'TraefikHAProps.priorityClassName': row('high', (text, chart) => traefikHa(chart, { priorityClassName: text })),
  'TraefikHAProps.name': row('edge', (name, chart) => traefikHa(chart, { name })),
  'TlsOptionProps.cipherSuites': row('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', (text, chart) =>
    option(chart, { cipherSuites: [text] }),
  ),
  'TlsOptionProps.clientCaSecrets': row('partners.ca', (text, chart) => option(chart, { clientCaSecrets: [text] })),
  'TlsOptionProps.name': row('mutual', (name, chart) => option(chart, { name })),
  'TlsOptionRef.name': row(
    'mutual',
    (name, chart) => route(chart, { tlsOption: { name, namespace: 'shop' } }),
    // The default one is that of every route that names none, and is left out.
    (text, leaves) => text === 'default' || leaves.includes(text),
  ),
  'TlsOptionRef.namespace': row('shop', (namespace, chart) => route(chart, { tlsOption: { name: 'a', namespace } })),
  'TlsStoreProps.certificates': row(
    'wildcard.tls',
    (text, chart) => new TlsStore(chart, 'store', { certificates: [text] }),
  ),
  'LoadBalancerProps.annotations': row('a value', (text, chart) =>
    balanced(chart, LoadBalancer.generic({ annotations: { 'example.com/a': text } })),
  ),
  'LoadBalancerProps.annotations (key)': row('example.com/key', (text, chart) =>
    balanced(chart, LoadBalancer.generic({ annotations: { [text]: 'a' } })),
  ),
  'LoadBalancerProps.sourceRanges': row('2001:db8::/32', (text, chart) =>
    balanced(chart, LoadBalancer.generic({ sourceRanges: [text] })),
  ),
  'GenericProps.hostName': row(
    'edge.example.com',
    (hostName, chart) => balanced(chart, LoadBalancer.generic({ hostName })),
    whole(hostForm),
  ),
  'AwsNlbProps.hostName': row(
    'edge.example.com',
    (hostName, chart) => balanced(chart, LoadBalancer.awsNlb({ hostName })),
    whole(hostForm),
  ),
  'AwsNlbProps.proxyProtocolFrom': row(
    NETWORK,
    (text, chart) => balanced(chart, LoadBalancer.awsNlb({ hostName: 'e.example.com', proxyProtocolFrom: [text] })),
    whole((text) => `--entryPoints.web.proxyProtocol.trustedIPs=${text}`),
  ),
  'FixedAddressProps.addresses': row('203.0.113.10', (text, chart) =>
    balanced(chart, LoadBalancer.fixedAddress({ addresses: [text] })),
  ),
  'EdgeNodesProps.hostName': row(
    'edge.example.com',
    (hostName, chart) => traefikHa(chart, { nodes: EdgeNodes.fixed({ hostName, addresses: ['203.0.113.11'] }) }),
    whole(hostForm),
  ),
  'EdgeNodesProps.labels': row('edge', (text, chart) => onNodes(chart, { labels: { 'example.com/role': text } })),
  'EdgeNodesProps.labels (key)': row('example.com/edge', (text, chart) => onNodes(chart, { labels: { [text]: 'a' } })),
  'EdgeToleration.key': row('dedicated', (key, chart) => tolerant(chart, { key })),
  'EdgeToleration.value': row('edge', (value, chart) => tolerant(chart, { key: 'dedicated', value })),
  'FixedNodesProps.addresses': row(
    '2001:db8::11',
    (text, chart) => traefikHa(chart, { nodes: EdgeNodes.fixed({ hostName: 'edge.example.com', addresses: [text] }) }),
    whole(targetForm),
  ),
  'ClientAddress.trusted': row(
    NETWORK,
    (text, chart) =>
      balanced(chart, LoadBalancer.generic({ clientAddress: { by: 'forwarded-headers', trusted: [text] } })),
    whole((text) => `--entryPoints.web.forwardedHeaders.trustedIPs=${text}`),
  ),

  // a swarm
  'SwarmStackProps.name': row(
    'front',
    (name, chart) => swarmTraefik(chart, {}, { name }),
    whole((text) => `--providers.swarm.network=${text}_webgateway`),
  ),
  'SwarmStackProps.controlSubnet': row(NETWORK, (controlSubnet, chart) => {
    const stack = stackIn(chart, { controlSubnet });
    new ConsulCluster(stack, 'consul');
  }),
  'new StackService(id)': row(
    'web',
    (id, chart) => {
      new StackService(stackIn(chart), `a${id}`, { image: 'web:1', deploy: { mode: 'replicated', replicas: 1 } });
    },
    whole((text) => `a${text.replaceAll('/', '--')}`),
  ),
  'SwarmTraefikProps.version': row(
    '3.7.12',
    (version, chart) => swarmTraefik(chart, { version }),
    whole((text) => `docker.io/library/traefik:v${text}`),
  ),
  'SwarmTraefikProps.image': row('example.com/traefik:v1', (image, chart) => swarmTraefik(chart, { image })),
  'SwarmTraefikProps.socketProxyImage': row('example.com/proxy:v1', (socketProxyImage, chart) =>
    swarmTraefik(chart, { socketProxyImage }),
  ),
  'SwarmTraefikProps.placement': row('node.labels.edge == true', (text, chart) =>
    swarmTraefik(chart, { placement: [text] }),
  ),
  'SwarmTraefikProps.networks': row('monitoring', (text, chart) => swarmTraefik(chart, { networks: [text] })),
  'SwarmTraefikProps.secrets': row('users', (text, chart) => swarmTraefik(chart, { secrets: [text] })),
  'SwarmTraefikProps.extraArguments': row('--tracing.otlp=true', (text, chart) =>
    swarmTraefik(chart, { extraArguments: [text] }),
  ),
  'NfsProps.address': row(
    'nfs.example.com',
    (address, chart) => shared(chart, SharedCertVolume.nfs({ address, path: '/certs' })),
    within((text) => (isIPv6(text) ? `addr=[${text}],` : `addr=${text},`)),
  ),
  'NfsProps.path': row(
    '/export/certs',
    (path, chart) => shared(chart, SharedCertVolume.nfs({ address: '10.0.0.5', path })),
    whole((text) => `:${text}`),
  ),
  'GlusterProps.path': row('/mnt/certs', (path, chart) => shared(chart, SharedCertVolume.gluster({ path }))),
  'SharedCertVolume.external(name)': row('certs', (name, chart) => shared(chart, SharedCertVolume.external(name))),
  'ConsulClusterProps.image': row('example.com/consul:1', (image, chart) => consul(chart, { image })),
  'ConsulClusterProps.nodeLabel': row(
    'store',
    (nodeLabel, chart) => consul(chart, { nodeLabel }),
    whole((text) => `node.labels.${text} == true`),
  ),
  'ConsulClusterProps.rootKey': row(
    'edge/traefik',
    (rootKey, chart) => {
      const stack = stackIn(chart);
      const { store } = new ConsulCluster(stack, 'consul', { rootKey });
      new SwarmTraefik(stack, 'traefik', { kvStore: store });
    },
    whole((text) => `--providers.consul.rootKey=${text}`),
  ),
  'KvSeedProps.image': row('example.com/shell:1', (image, chart) => kvSeed(chart, { image })),
  'KvSeedProps.networks': row('etcd', (text, chart) => kvSeed(chart, { networks: [text] })),
  'CertRenewerProps.email': row('ops@example.com', (email, chart) => renewer(chart, { email })),
  'CertRenewerProps.certificates': row(
    '*.example.com',
    (text, chart) => renewer(chart, { certificates: [['a.example.com', text]] }),
    within((text) => `a.example.com a.example.com ${hostForm(text)}\n`),
  ),
  'CertRenewerProps.placement': row('node.hostname == one', (text, chart) => renewer(chart, { placement: [text] })),
  'CertRenewerProps.networks': row('etcd', (text, chart) => renewer(chart, { networks: [text] })),
  'RenewerDns.lego(provider)': row('cloudflare', (provider, chart) => byLego(chart, {}, provider)),
  'LegoProps.environment': row('eu-central-1', (text, chart) => byLego(chart, { environment: { AWS_REGION: text } })),
  'LegoProps.environment (key)': row('AWS_REGION', (text, chart) => byLego(chart, { environment: { [text]: 'a' } })),
  'LegoProps.secrets': row(
    'token',
    (text, chart) => byLego(chart, { secrets: { CLOUDFLARE_DNS_API_TOKEN: text } }),
    whole((text) => `/run/secrets/${text}`),
  ),
  'LegoProps.secrets (key)': row(
    'CLOUDFLARE_DNS_API_TOKEN',
    (text, chart) => byLego(chart, { secrets: { [text]: 'token' } }),
    whole((text) => `${text}_FILE`),
  ),
  'LegoProps.options': row('--key-type rsa2048', (text, chart) => byLego(chart, { options: [text] })),
  'LegoProps.image': row('example.com/lego:4', (image, chart) => byLego(chart, { image })),
  'CertbotProps.credentials': row(
    'rfc2136.ini',
    (credentials, chart) => byCertbot(chart, { credentials }),
    whole((text) => `/run/secrets/${text}`),
  ),
  'CertbotProps.environment': row('1', (text, chart) => byCertbot(chart, { environment: { DEBUG: text } })),
  'CertbotProps.options': row('--key-type rsa', (text, chart) => byCertbot(chart, { options: [text] })),
  'CertbotProps.image': row('example.com/certbot:2', (image, chart) => byCertbot(chart, { image })),
  'SwarmServiceProps.image': row('example.com/web:1', (image, chart) => swarmService(chart, { image })),
  'SwarmServiceProps.command': row('serve', (text, chart) => swarmService(chart, { command: [text] })),
  'SwarmServiceProps.environment': row('a$b', (text, chart) => swarmService(chart, { environment: { A: text } })),
  'SwarmServiceProps.environment (key)': row('MODE', (text, chart) =>
    swarmService(chart, { environment: { [text]: 'a' } }),
  ),
  'SwarmServiceProps.secrets': row('token', (text, chart) => swarmService(chart, { secrets: [text] })),
  'SwarmServiceProps.user': row('1000:1000', (user, chart) => swarmService(chart, { user })),
  'SwarmServiceProps.capabilities': row('CHOWN', (text, chart) => swarmService(chart, { capabilities: [text] })),
  'SwarmServiceProps.networks': row('db', (text, chart) => swarmService(chart, { networks: [text] })),
  'SwarmServiceProps.placement': row('node.role == worker', (text, chart) =>
    swarmService(chart, { placement: [text] }),
  ),
  'SwarmServiceProps.volumes.source': row('/srv/web', (source, chart) =>
    swarmService(chart, { volumes: [{ type: 'bind', source, target: '/srv' }] }),
  ),
  'SwarmServiceProps.volumes.target': row('/srv', (target, chart) =>
    swarmService(chart, { volumes: [{ type: 'tmpfs', target }] }),
  ),
  'SwarmServiceProps.volumes.bind.propagation': row('rslave', (propagation, chart) =>
    swarmService(chart, { volumes: [{ type: 'bind', source: '/srv', target: '/srv', bind: { propagation } }] }),
  ),

  // the rest
  'EdgeNamespaceProps.name': row('shop', (name, chart) => new EdgeNamespace(chart, 'a', { name })),
  'EdgeNamespaceProps.labels': row('a_b', (text, chart) => new EdgeNamespace(chart, 'a', { labels: { team: text } })),
  'EdgeNamespaceProps.labels (key)': row(
    'example.com/team',
    (text, chart) => new EdgeNamespace(chart, 'a', { labels: { [text]: 'a' } }),
  ),
  'new Chart(namespace)': row('shop', (namespace, chart) => {
    const other = new Chart(chart, 'other', { namespace });
    certificate(other, {});
    externalDns(other, {});
  }),
  'new DnsEndpoint(id)': row(
    'web',
    (id, chart) => new DnsEndpoint(chart, `a${id}`, { dnsName: 'a.example.com', targets: ['203.0.113.10'] }),
    // Its path must not be cut, so constructs writes slashes and line breaks as hyphens.
    whole((text) => `a${text.replace(/[/\n]/g, '--')}`),
  ),
};

function hostRuleForm(text: string): string {
  // Traefik's own forms stay: a trailing dot, and * for every host.
  return hostForm(text) + (text.endsWith('.') ? '.' : '');
}

function sameRule(one: string, other: string): boolean {
  const { rule } = parseRule(one);
  return rule !== undefined && JSON.stringify(rule) === JSON.stringify(parseRule(other).rule);
}

// ---- what is tried

const SPECIAL = [
  ...['', ' ', '.', '..', '-', '*', '*.', '/', '//', '@', '%', '#', '~', '=', '0', '1e3', 'null', 'true', 'default'],
  ...['__proto__', 'constructor', 'toString', '$ref', '{{ a }}', 'a\r\nb', '\t', '\0', '\u007f', '\u0085'],
  ...['\u009f', '\u00a0', '\u00ad', '\u200b', '\u2028', '\u2029', '\ud800', 'a\udfff', '\ufeff', '\ufffe', '\uffff'],
  ...['fe80::1%eth0', '::ffff:192.0.2.1', '203.0.113.10.', '１.１.１.１', 'é.example/a', 'é.example?a', 'é%2e.example'],
];

/** What a file of YAML cannot hold, or not where it stands. */
const BREAKING = ['\u007f', '\u0085', '\u2028', '\ud800', '\ufeff', '\ufffe'];

/** `good` with a few characters taken out or put in, whatever they are. */
function nearly(good: string): fc.Arbitrary<string> {
  const character = fc.oneof(fc.string({ unit: 'binary', maxLength: 2 }), fc.constantFrom(...SPECIAL));
  return fc
    .tuple(fc.nat(good.length), fc.nat(2), character)
    .map(([at, removed, added]) => good.slice(0, at) + added + good.slice(at + removed));
}

function texts(good: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: nearly(good) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
    { weight: 1, arbitrary: fc.constantFrom(...SPECIAL) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 300 }).map((times) => good.repeat(times)) },
    { weight: 1, arbitrary: fc.constantFrom(good.toUpperCase(), `${good} `, ` ${good}`, `${good}\n`) },
  );
}

// ---- what must hold

/** What a program with `text` writes. */
interface Outcome {
  readonly manifests: string;
  readonly stacks: readonly string[];
  readonly configs: readonly string[];
}

/** What becomes of `text`; undefined where it is refused, and an exception where it fails. */
function outcome({ build }: Row, text: string): Outcome | undefined {
  const app = new App();
  try {
    build(text, new Chart(app, 'shop', { namespace: 'shop' }));
    const manifests = app.synthYaml();
    const files = filesOf(app, 'swarm');
    const isStack = ({ path }: { path: string }) => path.endsWith('.stack.yml');
    return {
      manifests,
      stacks: files.filter(isStack).map((file) => file.text),
      configs: files.filter((file) => !isStack(file)).map((file) => file.text),
    };
  } catch (error) {
    if (error instanceof TraefikHaError) return undefined;
    throw error;
  }
}

/** Control characters, and what YAML 1.1 breaks a line at or does not allow in a file. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_YAML = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\p{Cs}|\\ud[89a-f]/u;

function leavesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...leavesOf(item)]);
}

/** What is wrong with what became of `text`. */
function faults(tried: Row, text: string): string[] {
  const written = outcome(tried, text);
  if (written === undefined) return [];
  const read = (yaml: string) => parseAllDocuments(yaml, { version: '1.1' }).map((document) => document.toJS());
  const objects = read(written.manifests);
  const leaves = [
    ...objects.flatMap(leavesOf),
    // The client takes two dollars for one.
    ...written.stacks.flatMap((yaml) => read(yaml).flatMap(leavesOf)).map((leaf) => leaf.replaceAll('$$', '$')),
    ...written.configs,
  ];
  return [
    ...(NOT_YAML.test([written.manifests, ...written.stacks].join(''))
      ? ['the file is no YAML that kubectl reads']
      : []),
    ...objects.flatMap(schemaProblems),
    ...(tried.shown(text, leaves) ? [] : ['the text was accepted and is not in the output']),
  ];
}

describe.each(Object.entries(TABLE))('%s', (_, tried) => {
  test('takes what is right', () => {
    expect(outcome(tried, tried.good)).toBeDefined();
    expect(faults(tried, tried.good)).toEqual([]);
  });

  test('takes or refuses any text', () => {
    fc.assert(
      fc.property(texts(tried.good), (text) => {
        expect(faults(tried, text)).toEqual([]);
      }),
      {
        numRuns: 70,
        examples: ['', 'constructor', '__proto__', ...BREAKING.map((character) => tried.good + character)].map(
          (text) => [text],
        ),
      },
    );
  });
});

// ---- the table is complete

/** Objects that a program writes down, beside those that are called Props. */
const OTHERS = [
  ...['CertManagerInstallation', 'ClientAddress', 'HostRoute', 'SecretKey', 'ServiceLike', 'ServicePort', 'TextRoute'],
  ...['EdgeToleration', 'PublishedCertificate', 'TlsOptionRef', 'TraefikResources'],
];

test('every property that takes a text is tried', () => {
  const properties = textProperties();
  expect(properties.length).toBeGreaterThan(50);
  const tried = Object.keys(TABLE).map((name) => name.replace(/ .*/, ''));
  expect(properties.filter((property) => !tried.includes(property))).toEqual([]);
});

test('every part of an HTTP rule is tried', () => {
  const forTcpOrOfRules = ['alpn', 'and', 'hostSni', 'hostSniRegexp', 'not', 'or'];
  const parts = Object.keys(Match).filter((name) => !forTcpOrOfRules.includes(name));
  expect(parts.filter((name) => TABLE[`Match.${name}`] === undefined)).toEqual([]);
});

/** `Interface.property` of everything exported that a text can be given to, as the compiler sees it. */
function textProperties(): string[] {
  const entry = join(__dirname, '../lib/index.ts');
  const options = { strict: true, skipLibCheck: true, module: ts.ModuleKind.Node16, types: [] };
  const program = ts.createProgram([entry], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${entry} exports nothing`);

  const exported = checker.getExportsOfModule(module).map((symbol) => resolved(symbol, checker));
  const names = new Set(exported.map(({ name }) => name));
  const found = exported
    .filter(({ name }) => name.endsWith('Props') || OTHERS.includes(name))
    .flatMap((symbol) => textsIn(checker.getDeclaredTypeOfSymbol(symbol), symbol.name, { checker, names }));
  return [...new Set(found)].sort();
}

function resolved(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

interface Types {
  readonly checker: ts.TypeChecker;
  /** The names of exported types: they are looked into by themselves. */
  readonly names: ReadonlySet<string>;
}

/** The properties of `type` that take a text, also within objects that have no name of their own. */
function textsIn(type: ts.Type, path: string, types: Types): string[] {
  if (type.isUnion()) return type.types.flatMap((each) => textsIn(each, path, types));
  return type.getProperties().flatMap((property) => {
    const owner = property.declarations?.[0]?.parent;
    const base = owner && ts.isInterfaceDeclaration(owner) ? owner.name.text : path;
    // Within an object without a name, as of Pick<…>, properties of a named one are looked into where that is.
    if (base !== path && path.includes('.') && types.names.has(base)) return [];
    return textsAt(types.checker.getTypeOfSymbol(property), `${base}.${property.name}`, types);
  });
}

function textsAt(type: ts.Type, path: string, types: Types): string[] {
  const { checker } = types;
  if (type.isUnion()) return type.types.flatMap((each) => textsAt(each, path, types));
  if (type.flags & ts.TypeFlags.StringLike) return type.flags & ts.TypeFlags.String ? [path] : [];
  const item =
    checker.getIndexTypeOfType(type, ts.IndexKind.Number) ?? checker.getIndexTypeOfType(type, ts.IndexKind.String);
  if (item) return textsAt(item, path, types);
  const isAnonymous = type.symbol?.name === '__type' && type.getCallSignatures().length === 0;
  return isAnonymous && !isOfExportedAlias(type, types) ? textsIn(type, path, types) : [];
}

/** Whether `type` is written within `export type … =`. */
function isOfExportedAlias(type: ts.Type, { names }: Types): boolean {
  let node: ts.Node | undefined = type.symbol.declarations?.[0];
  while (node && !ts.isTypeAliasDeclaration(node)) node = node.parent;
  return node !== undefined && names.has(node.name.text);
}
