import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { containerScript } from '../container-scripts';
import { defaultsTwice } from '../kv/defaults-twice';
import type { DynamicConfiguration } from '../kv/dynamic-configuration';
import { kvEntries } from '../kv/entries';
import { repeatFindings } from '../kv/repeat';
import { secretFindings } from '../kv/secrets';
import { seedFile, seedFindings } from '../kv/seed-file';
import { writtenTwice } from '../kv/written-twice';
import { imageFindings } from '../model/image';
import type { KvStore } from '../model/kv-store';
import { check, report } from '../report';
import { requireProps } from '../required';
import { IMAGES } from '../versions';
import { LOCKED, memoryLimit, NOBODY, TMP } from './hardening';
import { kvEnvironment, kvSecrets, secretFiles, storeFindings, storeNetworks, writerFindings } from './kv-access';
import { StackService } from './stack-service';
import { stackOf } from './swarm-stack';

/** What a {@link KvSeed} writes, and where. */
export interface KvSeedProps {
  /** The store. */
  readonly store: KvStore;
  /** What Traefik is to read there, under Traefik's own names. */
  readonly configuration: DynamicConfiguration;
  /**
   * How many minutes after it looks again, from 1 to 59, and writes what the store lost.
   * @default - at the next deploy: until then a store that was wiped stays empty
   */
  readonly repeatMinutes?: number;
  /**
   * The image, pinned: a shell with the tools of busybox, and for a store with TLS curl, or openssl for Redis.
   * @default - that of curl, on Alpine
   */
  readonly image?: string;
  /**
   * Networks that it joins as well, of the stack or of the swarm, such as the one that a store of another stack is in.
   * @default - none
   */
  readonly networks?: readonly string[];
}

/**
 * A job that stores a configuration for Traefik at each deploy. It tries again until the store answers, changes nothing
 * that is there already, and deletes what an earlier one of it wrote; certificates of a CertRenewer it leaves alone. With
 * `repeatMinutes` it is a service that goes on looking.
 *
 * Reports KV-01 to KV-11 for the store and the configuration, RULE-01 to RULE-10 for its rules, KV-12 what is secret, KV-13
 * and SWARM-18 a store that it can't write to, KV-14 default TLS options, SWARM-15 a credential, IMAGE-01 an image that is not pinned, KV-16
 * minutes out of range, KV-18 and SWARM-12 more than fits, KV-19 what another seed writes, SWARM-14 where it is in no SwarmStack.
 *
 * @example
 * new KvSeed(stack, 'seed', {
 *   store: KvStore.etcd({ endpoints: ['etcd:2379'] }),
 *   configuration: { http: { middlewares: { compress: { compress: {} } } } },
 * });
 */
export class KvSeed extends Construct {
  public readonly service: StackService;

  public constructor(scope: Construct, id: string, props: KvSeedProps) {
    super(scope, id);
    requireProps(this, props, 'store', 'configuration');
    const stack = stackOf(this);
    const { store, repeatMinutes } = props;
    const image = props.image ?? IMAGES.curl;
    const { entries, findings } = kvEntries(props.configuration, { rootKey: store.rootKey });
    const name = stack.serviceName(this);
    report(this, [
      ...storeFindings(store),
      ...writerFindings(store, props.image !== undefined || store.kind !== 'redis'),
      ...imageFindings(image),
      ...seedFindings(store, entries),
      ...writtenTwice(this, store, entries),
      ...repeatFindings(repeatMinutes),
      ...findings,
      ...secretFindings(props.configuration),
    ]);
    check(this, () => defaultsTwice(this, store, props.configuration));
    // A config is never empty, and there may be nothing to write: what was written before then goes.
    stack.config(this, name, '.tsv', () => seedFile(entries, store.rootKey) || '\n');
    stack.config(this, 'seed-script', '.sh', () => containerScript('seed.sh'));
    this.service = new StackService(this, 'Resource', () => ({
      image,
      entrypoint: ['/scripts/seed.sh'],
      environment: {
        SEED_NAME: `${stack.name}_${name}`,
        SEED_FILE: '/etc/seed/entries.tsv',
        // A job goes on by a new task: the engine ends none that waits for a store when its stack is removed.
        ...(repeatMinutes === undefined
          ? { SEED_TIMEOUT_SECONDS: '300' }
          : { SEED_INTERVAL_SECONDS: String(repeatMinutes * 60) }),
        ...kvEnvironment(store),
      },
      user: NOBODY,
      ...LOCKED,
      configs: [
        { source: name, target: '/etc/seed/entries.tsv', mode: 0o444 },
        { source: 'seed-script', target: '/scripts/seed.sh', mode: 0o555 },
      ],
      ...secretFiles(stack, kvSecrets(store), NOBODY),
      networks: Object.fromEntries(
        [
          ...storeNetworks(stack, store).map((network) => stack.network(network)),
          ...stack.networksOf(props.networks),
        ].map((network) => [network, {}]),
      ),
      volumes: [TMP],
      deploy: {
        replicas: 1,
        resources: memoryLimit(Size.mebibytes(64)),
        ...(repeatMinutes === undefined
          ? { mode: 'replicated-job', restart_policy: { condition: 'on-failure', delay: '5s' } }
          : { mode: 'replicated', restart_policy: { condition: 'any', delay: '5s' } }),
      },
    }));
  }
}
