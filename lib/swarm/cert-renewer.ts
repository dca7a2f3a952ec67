import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { AcmeServer } from '../certificates/acme-server';
import { perCluster } from '../cluster';
import { containerScript } from '../container-scripts';
import { emailFindings } from '../model/email';
import { canonicalHost, hostFindings } from '../model/host';
import { KvStore } from '../model/kv-store';
import { type Finding, locate } from '../model/problem';
import { type HostedZone, zoneFindings, zoneMembershipFindings } from '../model/zone';
import { check, report } from '../report';
import { requireProps } from '../required';
import { LOCKED, memoryLimit, NOBODY, TMP } from './hardening';
import { kvEnvironment, kvSecrets, secretFiles, storeFindings, storeNetworks, writerFindings } from './kv-access';
import type { RenewerDns } from './renewer-dns';
import type { SharedCertVolume } from './shared-cert-volume';
import type { StackMount, StackServiceSpec } from './stack-file';
import { StackService } from './stack-service';
import { type SwarmStack, stackOf } from './swarm-stack';
import { SERVED_FOLDER, type SwarmTraefik, sharedMount } from './swarm-traefik';

/** Which certificates a {@link CertRenewer} keeps, and how. */
export interface CertRenewerProps {
  /** Whose routes' hosts get certificates, and who serves them. */
  readonly traefik: SwarmTraefik;
  /** The zones that it may answer challenges in: a host in none gets no certificate. */
  readonly zones: readonly HostedZone[];
  /** Whom the CA tells of trouble. */
  readonly email: string;
  /** How challenges are answered. */
  readonly dnsProvider: RenewerDns;
  /** Where certificates go, which its Traefik must read: its `kvStore` or its `sharedCertificates`. */
  readonly publishTo: KvStore | SharedCertVolume;
  /**
   * Certificates that are there before any route is, such as `['example.com', '*.example.com']`. A host that one of them
   * covers gets none of its own.
   * @default - none: each host of a route gets its own
   */
  readonly certificates?: readonly (readonly string[])[];
  /**
   * Who certifies.
   * @default AcmeServer.LETS_ENCRYPT_STAGING - no browser trusts it, but its limits forgive
   */
  readonly server?: AcmeServer;
  /**
   * How many days before its end a certificate is renewed, from 1; of short-lived ones a third of the lifetime.
   * @default 30
   */
  readonly renewDays?: number;
  /**
   * How many seconds lie between two looks at routes, certificates and what is published, from 1: so long it takes until
   * a domain that is added is ordered for, and until what a store lost is there again.
   * @default 300 - a look costs an answer of Traefik's and a few of the store's
   */
  readonly reconcileSeconds?: number;
  /**
   * The node that it runs on, as constraints that one node meets: there its account and certificates are kept. Only
   * where it publishes to a store; a shared volume keeps them for any node.
   * @default ['node.labels.renewer == true']
   */
  readonly placement?: readonly string[];
  /**
   * Networks that it joins as well, of the stack or of the swarm, such as the one that a store of another stack is in.
   * @default - none
   */
  readonly networks?: readonly string[];
}

const STATE_DIR = '/var/lib/renewer';

/**
 * Orders certificates by DNS-01, renews them, and publishes them to all instances of Traefik, certificate and key at
 * once. Beside the declared ones it takes the hosts of Traefik's running routes, so that a certificate comes when a
 * domain is added. What a store lost is published again at the next look.
 *
 * It has no health check: one that failed while the CA is down would only interrupt it.
 *
 * Reports ZONE-01 a name outside of its zones, ZONE-02 and ZONE-04 zones, HOST-01 and HOST-02 names, ISSUER-01 and
 * ISSUER-02 the server, ISSUER-08 the e-mail address, SWARM-15, SWARM-16, SWARM-18, KV-01, KV-02 and KV-13 where it publishes
 * to, SWARM-19 and IMAGE-01 the DNS provider, SWARM-20 where Traefik does not read what is published, SWARM-21 settings
 * that exclude one another, SWARM-14 where it is in no SwarmStack.
 *
 * @example
 * const store = KvStore.etcd({ endpoints: ['etcd:2379'] });
 * new CertRenewer(stack, 'renewer', {
 *   traefik: new SwarmTraefik(stack, 'traefik', { kvStore: store }),
 *   zones: [HostedZone.of('example.com')],
 *   email: 'ops@example.com',
 *   dnsProvider: RenewerDns.lego('cloudflare', { secrets: { CLOUDFLARE_DNS_API_TOKEN: 'cloudflare-token' } }),
 *   publishTo: store,
 * });
 */
export class CertRenewer extends Construct {
  public readonly service: StackService;
  private readonly api: string;

  public constructor(
    scope: Construct,
    id: string,
    private readonly props: CertRenewerProps,
  ) {
    super(scope, id);
    requireProps(this, props, 'traefik', 'zones', 'email', 'dnsProvider', 'publishTo');
    const stack = stackOf(this);
    const { traefik, zones, publishTo, dnsProvider } = props;
    const server = props.server ?? AcmeServer.LETS_ENCRYPT_STAGING;
    const certificates = (props.certificates ?? []).map((names) => names.map(canonicalHost));
    report(this, [
      ...zoneFindings(zones),
      ...certificates.flat().flatMap(hostFindings),
      ...zoneMembershipFindings(certificates.flat(), zones),
      ...emailFindings(props.email),
      ...server.findings,
      ...dnsProvider.findings,
      ...(publishTo instanceof KvStore
        ? [...storeFindings(publishTo), ...writerFindings(publishTo, dnsProvider.isOwnImage)]
        : publishTo.findings),
      ...readerFindings(stack, traefik, publishTo),
      ...settingFindings(props),
    ]);
    renewersOf(this).push(this);
    check(this, () => locate(this.rivalFindings(), this.node.path));
    this.api = traefik.certifiedIn(zones);
    const name = stack.serviceName(this);
    stack.config(this, `${name}-certificates`, '.txt', () => certificateList(certificates));
    stack.config(this, 'renew-script', '.sh', () => containerScript('renew.sh'));
    const { caBundle } = server;
    if (caBundle !== undefined) stack.config(this, `${name}-ca`, '.pem', () => caBundle);
    this.service = new StackService(this, 'Resource', () => this.spec(stack, name, server));
  }

  /** SWARM-21: what another renewer does already. */
  private rivalFindings(): Finding[] {
    const { traefik, zones, publishTo } = this.props;
    const all = renewersOf(this);
    return all
      .slice(0, all.indexOf(this))
      .flatMap(({ node: { path }, props: other }) => [
        ...(isSameVolume(publishTo, other.publishTo)
          ? [
              setting(
                path,
                'it publishes through the same volume, and this one would wait for it as long as it runs',
                'Give all zones and certificates to one of them, or each a volume of its own',
              ),
            ]
          : []),
        ...zones
          .filter((zone) => other.traefik === traefik && other.zones.some((each) => isShared(each, zone)))
          .map(({ name }) =>
            setting(
              name,
              `${path} orders for hosts of the same Traefik in it, and each would write over what the other published`,
              'Give each zone to one of them',
            ),
          ),
      ]);
  }

  private spec(stack: SwarmStack, name: string, server: AcmeServer): StackServiceSpec {
    const { zones, email, publishTo, dnsProvider, networks } = this.props;
    const { renewDays = 30, reconcileSeconds = 300 } = this.props;
    const store = publishTo instanceof KvStore ? publishTo : undefined;
    const place = publishTo instanceof KvStore ? ownVolume(stack, name) : sharedVolume(stack, publishTo);
    const secrets = new Set([...dnsProvider.secrets, ...(store ? kvSecrets(store) : [])]);
    return {
      image: dnsProvider.image,
      entrypoint: ['/bin/sh', '-c', `mkdir -p ${place.folders.join(' ')} && exec /scripts/renew.sh`],
      environment: {
        ...dnsProvider.environment,
        ACME_SERVER: server.directory,
        ACME_EMAIL: email,
        ...(server.caBundle === undefined ? {} : { ACME_CA_FILE: '/etc/renewer/ca.pem' }),
        CERTIFICATES_FILE: '/etc/renewer/certificates',
        TRAEFIK_API: this.api,
        ZONES: zones
          .map((zone) => zone.name)
          .sort()
          .join(' '),
        RENEW_DAYS: String(renewDays),
        RECONCILE_INTERVAL_SECONDS: String(reconcileSeconds),
        ...place.environment,
        ...(store ? { PUBLISHER_NAME: `${stack.name}_${name}`, ...kvEnvironment(store) } : {}),
      },
      user: place.user,
      ...LOCKED,
      configs: [
        { source: `${name}-certificates`, target: '/etc/renewer/certificates', mode: 0o444 },
        { source: 'renew-script', target: '/scripts/renew.sh', mode: 0o555 },
        ...(server.caBundle === undefined
          ? []
          : [{ source: `${name}-ca`, target: '/etc/renewer/ca.pem', mode: 0o444 }]),
      ],
      ...secretFiles(stack, [...secrets].sort(), place.user),
      networks: Object.fromEntries(
        [
          // The routes are asked for in the one, the CA and the DNS provider are reached by the other.
          ...new Set(['control', 'outbound', ...(store ? storeNetworks(stack, store) : [])] as const),
        ]
          .map((network) => stack.network(network))
          .concat(stack.networksOf(networks))
          .map((network) => [network, {}]),
      ),
      volumes: [TMP, place.mount],
      // An order that has begun is given time to end.
      stop_grace_period: '60s',
      deploy: {
        mode: 'replicated',
        replicas: 1,
        ...(store ? { placement: { constraints: this.props.placement ?? ['node.labels.renewer == true'] } } : {}),
        resources: memoryLimit(Size.mebibytes(256)),
        update_config: { parallelism: 1, order: 'stop-first', failure_action: 'rollback', monitor: '30s' },
        rollback_config: { parallelism: 1, order: 'stop-first', failure_action: 'pause', monitor: '30s' },
        restart_policy: { condition: 'any', delay: '10s' },
      },
    };
  }
}

/** The renewers of one swarm. */
const renewersOf = perCluster((): CertRenewer[] => []);

function isSameVolume(one: KvStore | SharedCertVolume, other: KvStore | SharedCertVolume): boolean {
  if (one instanceof KvStore || other instanceof KvStore) return false;
  return JSON.stringify(one.volume) === JSON.stringify(other.volume);
}

/** Whether there are hosts in both zones. */
function isShared(one: HostedZone, other: HostedZone): boolean {
  return one.contains(other.name) || other.contains(one.name);
}

/** Where the renewer keeps what it has, and as whom. */
interface Place {
  readonly mount: StackMount;
  readonly folders: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
}

/** A volume of its node. It is made as root's, and without capabilities root is no more than its owner. */
function ownVolume(stack: SwarmStack, name: string): Place {
  return {
    mount: { type: 'volume', source: stack.volume(`${name}-state`), target: STATE_DIR },
    folders: [STATE_DIR],
    environment: { STATE_DIR, PUBLISH_TO: 'kv' },
    user: '0:0',
  };
}

/** A folder of the shared volume for itself, and one that Traefik reads, as the same user. */
function sharedVolume(stack: SwarmStack, volume: SharedCertVolume): Place {
  const mount = sharedMount(stack, volume, false);
  const [state, served] = [`${mount.target}/state`, `${mount.target}/${SERVED_FOLDER}`];
  return {
    mount,
    folders: [state, served],
    environment: { STATE_DIR: state, PUBLISH_TO: 'files', SHARED_DIR: served },
    user: NOBODY,
  };
}

/** A line for each: what it is called by, and its names. */
function certificateList(certificates: readonly (readonly string[])[]): string {
  const lines = certificates.map((names) => `${nameOfCertificate(names)} ${names.join(' ')}\n`);
  return `# name, and the domains in it\n${lines.join('')}`;
}

/** The first name; a `*` is no name of a file or a key. */
function nameOfCertificate([first = '']: readonly string[]): string {
  return first.replace(/^\*/, 'wildcard');
}

/** SWARM-20 where Traefik does not read what is published. */
function readerFindings(stack: SwarmStack, traefik: SwarmTraefik, publishTo: KvStore | SharedCertVolume): Finding[] {
  const [property, read] =
    publishTo instanceof KvStore
      ? (['kvStore', traefik.kvStore] as const)
      : (['sharedCertificates', traefik.sharedCertificates] as const);
  const findings: Finding[] = [];
  if (traefik.stack !== stack) {
    findings.push({
      code: 'SWARM-20',
      value: traefik.node.path,
      message: 'that Traefik is of another stack, where its routes cannot be asked for',
      fix: 'Declare the renewer in the stack of its Traefik',
    });
  }
  if (read !== publishTo) {
    findings.push({
      code: 'SWARM-20',
      value: traefik.node.path,
      message: 'that Traefik does not read what would be published',
      fix: `Give it the same ${property}`,
    });
  }
  return findings;
}

function setting(value: string, message: string, fix: string): Finding {
  return { code: 'SWARM-21', value, message, fix };
}

/** SWARM-21: what can't be, or not together. */
function settingFindings({
  zones,
  certificates = [],
  publishTo,
  placement,
  renewDays = 30,
  reconcileSeconds = 300,
}: CertRenewerProps): Finding[] {
  const findings: Finding[] = [];
  if (zones.length === 0) findings.push(setting('', 'without a zone nothing is certified', 'Give the zones'));
  if (!Number.isInteger(renewDays) || renewDays < 1) {
    findings.push(setting(String(renewDays), 'renewDays is a whole number from 1', 'Leave it out for 30'));
  }
  // A second at least: without a pause it would look once, and end.
  if (!Number.isInteger(reconcileSeconds) || reconcileSeconds < 1) {
    findings.push(
      setting(String(reconcileSeconds), 'reconcileSeconds is a whole number from 1', 'Leave it out for 300'),
    );
  }
  if (placement && !(publishTo instanceof KvStore)) {
    findings.push(
      setting(
        placement.join(', '),
        'the shared volume is on every node, so that none need be chosen',
        'Leave placement out',
      ),
    );
  }
  const names = certificates.map(nameOfCertificate);
  for (const [index, name] of names.entries()) {
    if (name === '') findings.push(setting(`certificates[${index}]`, 'a certificate without a name', 'Name a host'));
    else if (names.indexOf(name) !== index) {
      findings.push(setting(name, 'two certificates begin with the same name', 'Put all of its names into one'));
    }
  }
  return findings;
}
