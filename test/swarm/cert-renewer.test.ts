import { AcmeServer } from '../../lib/certificates/acme-server';
import { KvStore } from '../../lib/model/kv-store';
import { HostedZone } from '../../lib/model/zone';
import { CertRenewer, type CertRenewerProps } from '../../lib/swarm/cert-renewer';
import { ConsulCluster } from '../../lib/swarm/consul-cluster';
import { RenewerDns } from '../../lib/swarm/renewer-dns';
import { SharedCertVolume } from '../../lib/swarm/shared-cert-volume';
import { SwarmStack } from '../../lib/swarm/swarm-stack';
import { SwarmTraefik, type SwarmTraefikProps } from '../../lib/swarm/swarm-traefik';
import { CA_CERTIFICATE } from '../support/charts';
import { stackProblems, writtenStack } from '../support/stacks';

const STORE = KvStore.etcd({ endpoints: ['etcd.example.com:2379'] });
const SHARED = SharedCertVolume.nfs({ address: '10.0.0.5', path: '/export/certs' });
const ZONE = HostedZone.of('example.com');
const DNS = RenewerDns.lego('cloudflare', { secrets: { CLOUDFLARE_DNS_API_TOKEN: 'cloudflare-token' } });

const declare =
  (
    props: Partial<CertRenewerProps> = {},
    traefik: SwarmTraefikProps = { kvStore: STORE, sharedCertificates: SHARED },
  ) =>
  (stack: SwarmStack) =>
    new CertRenewer(stack, 'renewer', {
      traefik: props.traefik ?? new SwarmTraefik(stack, 'traefik', traefik),
      zones: [ZONE],
      email: 'ops@example.com',
      dnsProvider: DNS,
      publishTo: STORE,
      ...props,
    });
const written = (props?: Partial<CertRenewerProps>) => writtenStack(declare(props));
const problemsOf = (props: Partial<CertRenewerProps>) => stackProblems(declare(props));

test('what runs where nothing was said: certificates into a store', () => {
  const { stack, files } = written();
  expect(files['edge/renewer-certificates.txt']).toBe('# name, and the domains in it\n');
  expect(files['edge/renew-script.sh']).toMatch(/^#!\/bin\/sh\n/);
  expect(stack.services.renewer).toEqual({
    image: 'docker.io/goacme/lego:v4.31.0',
    entrypoint: ['/bin/sh', '-c', 'mkdir -p /var/lib/renewer && exec /scripts/renew.sh'],
    environment: {
      ACME_CLIENT: 'lego',
      DNS_PROVIDER: 'cloudflare',
      CLOUDFLARE_DNS_API_TOKEN_FILE: '/run/secrets/cloudflare-token',
      ACME_SERVER: 'https://acme-staging-v02.api.letsencrypt.org/directory',
      ACME_EMAIL: 'ops@example.com',
      CERTIFICATES_FILE: '/etc/renewer/certificates',
      TRAEFIK_API: 'http://traefik:8081/api',
      ZONES: 'example.com',
      RENEW_DAYS: '30',
      RECONCILE_INTERVAL_SECONDS: '300',
      STATE_DIR: '/var/lib/renewer',
      PUBLISH_TO: 'kv',
      PUBLISHER_NAME: 'edge_renewer',
      KV_STORE: 'etcd',
      KV_ENDPOINT: 'http://etcd.example.com:2379',
      KV_ROOT: 'traefik',
    },
    user: '0:0',
    read_only: true,
    cap_drop: ['ALL'],
    configs: [
      { source: 'renewer-certificates', target: '/etc/renewer/certificates', mode: 0o444 },
      { source: 'renew-script', target: '/scripts/renew.sh', mode: 0o555 },
    ],
    secrets: [{ source: 'cloudflare-token', target: 'cloudflare-token', uid: '0', gid: '0', mode: 0o400 }],
    networks: { control: {}, outbound: {} },
    volumes: [
      { type: 'tmpfs', target: '/tmp', tmpfs: { size: 67_108_864 } },
      { type: 'volume', source: 'renewer-state', target: '/var/lib/renewer' },
    ],
    stop_grace_period: '60s',
    deploy: {
      mode: 'replicated',
      replicas: 1,
      placement: { constraints: ['node.labels.renewer == true'] },
      resources: { limits: { memory: '256M' } },
      update_config: { parallelism: 1, order: 'stop-first', failure_action: 'rollback', monitor: '30s' },
      rollback_config: { parallelism: 1, order: 'stop-first', failure_action: 'pause', monitor: '30s' },
      restart_policy: { condition: 'any', delay: '10s' },
    },
  });
});

test('every property shows', () => {
  const { stack, files } = writtenStack((edge) => {
    const props: Required<CertRenewerProps> = {
      traefik: new SwarmTraefik(edge, 'traefik', { kvStore: STORE }),
      zones: [HostedZone.of('example.org'), ZONE],
      email: 'ops@example.org',
      dnsProvider: RenewerDns.certbot('rfc2136', { credentials: 'rfc2136.ini', options: ['--key-type rsa'] }),
      publishTo: STORE,
      certificates: [['example.com', '*.example.com'], ['*.example.org']],
      server: AcmeServer.of('https://ca.example.com/directory', { caBundle: CA_CERTIFICATE }),
      renewDays: 20,
      reconcileSeconds: 60,
      placement: ['node.hostname == one'],
      networks: ['etcd'],
    };
    new CertRenewer(edge, 'renewer', props);
  });
  expect(stack.services.renewer).toMatchObject({
    image: 'docker.io/certbot/dns-rfc2136:v5.1.0',
    environment: {
      ACME_CLIENT: 'certbot',
      DNS_PROVIDER: 'rfc2136',
      CREDENTIALS_FILE: '/run/secrets/rfc2136.ini',
      ACME_ARGUMENTS: '--key-type rsa',
      ACME_SERVER: 'https://ca.example.com/directory',
      ACME_EMAIL: 'ops@example.org',
      ACME_CA_FILE: '/etc/renewer/ca.pem',
      ZONES: 'example.com example.org',
      RENEW_DAYS: '20',
      RECONCILE_INTERVAL_SECONDS: '60',
    },
    networks: { control: {}, outbound: {}, etcd: {} },
    deploy: { placement: { constraints: ['node.hostname == one'] } },
  });
  expect(files['edge/renewer-ca.pem']).toBe(CA_CERTIFICATE);
  expect(files['edge/renewer-certificates.txt']).toBe(
    '# name, and the domains in it\nexample.com example.com *.example.com\nwildcard.example.org *.example.org\n',
  );
});

test('the service of a CertRenewer is its default child', () => {
  writtenStack((stack) => {
    const renewer = declare()(stack);
    expect(renewer.node.defaultChild).toBe(renewer.service);
  });
});

test('certificates through a shared volume: on any node, as the user that Traefik reads as', () => {
  const { stack } = written({ publishTo: SHARED });
  const { renewer, traefik } = stack.services;
  const folder = '/etc/traefik/dynamic/certificates';
  expect(renewer).toMatchObject({
    entrypoint: ['/bin/sh', '-c', `mkdir -p ${folder}/state ${folder}/served && exec /scripts/renew.sh`],
    environment: { PUBLISH_TO: 'files', STATE_DIR: `${folder}/state`, SHARED_DIR: `${folder}/served` },
    user: '65532:65532',
    networks: { control: {}, outbound: {} },
  });
  expect(renewer.deploy.placement).toBeUndefined();
  expect(renewer.volumes[1]).toEqual({ type: 'volume', source: 'certificates', target: folder });
  // The same files under the same paths, and as the same user, since nobody else may read keys.
  expect(traefik.volumes[1]).toEqual({ ...renewer.volumes[1], read_only: true });
  expect(traefik.user).toBe(renewer.user);
  expect(traefik.environment.RELOAD_DIR).toBe(renewer.environment.SHARED_DIR);
});

test('the store of the stack itself, and credentials of one', () => {
  const { stack } = writtenStack((edge) => {
    const { store } = new ConsulCluster(edge, 'consul');
    declare({ publishTo: store }, { kvStore: store })(edge);
  });
  expect(stack.services.renewer.environment.KV_ENDPOINT).toBe('http://consul:8500');
  const redis = KvStore.redis({ endpoint: 'redis:6379', credentials: { password: 'redis-password' }, database: 1 });
  const { renewer } = writtenStack(declare({ publishTo: redis }, { kvStore: redis })).stack.services;
  expect(renewer.environment).toMatchObject({
    KV_STORE: 'redis',
    KV_ENDPOINT: 'redis://redis:6379',
    KV_DATABASE: '1',
    KV_PASSWORD_FILE: '/run/secrets/redis-password',
  });
  expect(renewer.secrets.map(({ source }: { source: string }) => source)).toEqual([
    'cloudflare-token',
    'redis-password',
  ]);
});

test('lego is given more options, and reads what is secret from files', () => {
  const dnsProvider = RenewerDns.lego('rfc2136', {
    environment: { RFC2136_NAMESERVER: '10.0.0.53:53' },
    secrets: { RFC2136_TSIG_SECRET: 'tsig' },
    options: ['--dns.resolvers 10.0.0.53:53', '--key-type rsa2048'],
  });
  expect(written({ dnsProvider }).stack.services.renewer.environment).toMatchObject({
    ACME_CLIENT: 'lego',
    ACME_ARGUMENTS: '--dns.resolvers 10.0.0.53:53 --key-type rsa2048',
    RFC2136_NAMESERVER: '10.0.0.53:53',
    RFC2136_TSIG_SECRET_FILE: '/run/secrets/tsig',
  });
});

test('certbot reads credentials of Route 53 as the library of AWS does', () => {
  const dnsProvider = RenewerDns.certbot('route53', {
    credentials: 'aws',
    environment: { AWS_REGION: 'eu-central-1' },
  });
  expect(written({ dnsProvider }).stack.services.renewer.environment).toMatchObject({
    AWS_SHARED_CREDENTIALS_FILE: '/run/secrets/aws',
    AWS_REGION: 'eu-central-1',
  });
});

describe('what is refused', () => {
  test('names that would get no certificate', () => {
    expect(problemsOf({ certificates: [['example.org'], ['*.*.example.com'], []] })).toEqual([
      expect.stringMatching(/^HOST-02 \[edge\/renewer\] .*\(\*\.\*\.example\.com\)/),
      expect.stringMatching(/^ZONE-01 \[edge\/renewer\] .*\(example\.org\)/),
      'SWARM-21 [edge/renewer] a certificate without a name (certificates[2]). Name a host',
    ]);
    expect(problemsOf({ certificates: [['example.com'], ['example.com', 'www.example.com']] })).toEqual([
      'SWARM-21 [edge/renewer] two certificates begin with the same name (example.com). Put all of its names into one',
    ]);
  });

  test('settings that can not be', () => {
    expect(problemsOf({ zones: [], renewDays: 0.5, reconcileSeconds: 0, email: 'ops' })).toEqual([
      expect.stringMatching(/^ISSUER-08 \[edge\/renewer\] .*\(ops\)/),
      'SWARM-21 [edge/renewer] without a zone nothing is certified. Give the zones',
      'SWARM-21 [edge/renewer] renewDays is a whole number from 1 (0.5). Leave it out for 30',
      'SWARM-21 [edge/renewer] reconcileSeconds is a whole number from 1 (0). Leave it out for 300',
    ]);
    expect(problemsOf({ publishTo: SHARED, placement: ['node.role == worker'] })).toEqual([
      'SWARM-21 [edge/renewer] the shared volume is on every node, so that none need be chosen (node.role == worker). Leave placement out',
    ]);
  });

  test('a Traefik that does not read what is published', () => {
    expect(stackProblems(declare({}, { sharedCertificates: SHARED }))).toEqual([
      'SWARM-20 [edge/renewer] that Traefik does not read what would be published (edge/traefik). Give it the same kvStore',
    ]);
    expect(stackProblems(declare({ publishTo: SHARED }, { kvStore: STORE }))).toEqual([
      'SWARM-20 [edge/renewer] that Traefik does not read what would be published (edge/traefik). Give it the same sharedCertificates',
    ]);
    expect(
      stackProblems((stack) => {
        const traefik = new SwarmTraefik(stack, 'traefik', { kvStore: STORE });
        const other = new SwarmStack(stack.node.root as never, 'other', { controlSubnet: '10.214.0.0/24' });
        declare({ traefik }, {})(other);
      }),
    ).toEqual([
      'SWARM-20 [other/renewer] that Traefik is of another stack, where its routes cannot be asked for (edge/traefik). Declare the renewer in the stack of its Traefik',
    ]);
  });

  test('a store that can not be written to', () => {
    const zooKeeper = KvStore.zooKeeper({ endpoints: ['zookeeper:2181'] });
    expect(stackProblems(declare({ publishTo: zooKeeper }, { kvStore: zooKeeper }))).toEqual([
      expect.stringMatching(/^KV-13 \[edge\/renewer\] /),
    ]);
    const etcd = KvStore.etcd({ endpoints: ['etcd:2379'], tls: {} });
    expect(stackProblems(declare({ publishTo: etcd }, { kvStore: etcd }))).toEqual([
      'SWARM-18 [edge/renewer] the default image can speak TLS only without looking at certificates, and is not let to (etcd with TLS). Give an image that also holds curl',
    ]);
    const dnsProvider = RenewerDns.lego('cloudflare', { image: 'registry.example.com/lego-curl:4.31.0' });
    expect(stackProblems(declare({ publishTo: etcd, dnsProvider }, { kvStore: etcd }))).toEqual([]);
  });

  test('what another renewer does already', () => {
    const two = (traefik: SwarmTraefikProps, publishTo: KvStore | SharedCertVolume, ...zones: string[]) =>
      stackProblems((stack) => {
        const served = new SwarmTraefik(stack, 'traefik', traefik);
        zones.forEach((zone, index) => {
          const props = { traefik: served, publishTo, zones: [HostedZone.of(zone)] };
          const { email, dnsProvider } = { email: 'ops@example.com', dnsProvider: DNS };
          new CertRenewer(stack, `renewer-${index}`, { ...props, email, dnsProvider });
        });
      });
    expect(two({ kvStore: STORE }, STORE, 'example.com', 'shop.example.com')).toEqual([
      'SWARM-21 [edge/renewer-1] edge/renewer-0 orders for hosts of the same Traefik in it, and each would write over what the other published (shop.example.com). Give each zone to one of them',
    ]);
    expect(two({ kvStore: STORE }, STORE, 'example.com', 'example.org')).toEqual([]);
    expect(two({ sharedCertificates: SHARED }, SHARED, 'example.com', 'example.org')).toEqual([
      'SWARM-21 [edge/renewer-1] it publishes through the same volume, and this one would wait for it as long as it runs (edge/renewer-0). Give all zones and certificates to one of them, or each a volume of its own',
    ]);
  });

  test('a DNS provider that is none', () => {
    const dnsProvider = RenewerDns.lego('Route 53', {
      environment: { KV_ROOT: 'x', ZONES: 'y', RETRY_SECONDS: '1' },
      image: 'lego',
    });
    expect(problemsOf({ dnsProvider })).toEqual([
      'SWARM-19 [edge/renewer] not the name of a DNS provider as the client writes it (Route 53). Write it as the list of its providers does, such as route53 or cloudflare',
      'SWARM-19 [edge/renewer] not a variable of a DNS provider (KV_ROOT). Write it as the documentation of the provider does, such as AWS_REGION',
      expect.stringMatching(/^SWARM-19 .*\(ZONES\)/),
      expect.stringMatching(/^SWARM-19 .*\(RETRY_SECONDS\)/),
      expect.stringMatching(/^IMAGE-01 \[edge\/renewer\] /),
    ]);
  });

  test('what a program in JavaScript left out', () => {
    expect(() => written({ publishTo: undefined as never })).toThrow(
      'PROPS-01 [edge/renewer] CertRenewer needs publishTo',
    );
  });
});
