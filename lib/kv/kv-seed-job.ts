import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { containerScript } from '../container-scripts';
import { digestOf } from '../digest';
import { KV_CREDENTIALS, kvAccess, kvAccessFindings } from '../kv-access';
import { recommendedLabels } from '../labels';
import { imageFindings } from '../model/image';
import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import { nameOf, namespaceOf } from '../naming';
import { RESTRICTED_POD } from '../pod-security';
import { check, report } from '../report';
import { requireProps } from '../required';
import { IMAGES } from '../versions';
import { defaultsTwice } from './defaults-twice';
import type { DynamicConfiguration } from './dynamic-configuration';
import { kvEntries } from './entries';
import { repeatFindings } from './repeat';
import { scriptContainer, TMP, TMP_MOUNT } from './script-container';
import { kvEnvironment } from './script-environment';
import { secretFindings } from './secrets';
import { seedFile, seedFindings, tooLarge } from './seed-file';
import { toolFindings, writableFindings } from './writable';
import { writtenTwice } from './written-twice';

/** What is written to which store. */
export interface KvSeedJobProps {
  /** The store that it is written to: consul, etcd or redis. */
  readonly store: KvStore;
  /** What Traefik is to read from it. It stands in a ConfigMap, so it holds no private keys and no passwords. */
  readonly configuration: DynamicConfiguration;
  /**
   * How many minutes after it the same is done again, from 1 to 59: what the store lost is written again.
   * @default - never again: a store that was wiped stays empty until the program changes or the Job is deleted and
   * applied anew
   */
  readonly repeatMinutes?: number;
  /**
   * An image with a POSIX shell, the usual tools, and where the store speaks TLS curl, or openssl for Redis; pinned.
   * @default - that of curl, on Alpine
   */
  readonly image?: string;
  /**
   * The name of its objects, and by which it knows in the store what it wrote.
   * @default - the ids below the chart
   */
  readonly name?: string;
}

/**
 * Writes dynamic configuration into a key-value store, and takes away what it wrote before and does not any more.
 * What others wrote stays, certificates too. The Job bears the hash of what it writes in its name, so that a changed
 * program makes a new one and an unchanged one runs nothing; it tries until the store answers. So that a store which
 * loses its data is filled again by itself, give `repeatMinutes`: a CronJob does the same over and over.
 *
 * Reports KV-01 and KV-02 for the store, KV-03 to KV-11 and RULE-01 to RULE-10 for the configuration, KV-12 what is
 * secret, KV-13 a store that nothing here writes to, KV-14 default TLS objects beside those of a `TraefikHA`, KV-16
 * minutes out of range, KV-17 and IMAGE-01 the image, KV-18 more than fits, KV-19 what another seed writes.
 *
 * @example
 * new KvSeedJob(chart, 'routes', {
 *   store: KvStore.etcd({ endpoints: ['etcd:2379'] }),
 *   configuration: {
 *     http: {
 *       routers: { shop: { rule: 'Host(`shop.example.com`)', service: 'shop', tls: {} } },
 *       services: { shop: { loadBalancer: { servers: [{ url: 'http://10.0.0.7:8080' }] } } },
 *     },
 *   },
 * });
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/other-providers/kv/
 */
export class KvSeedJob extends Construct {
  /** The name of the Job, with the hash of what it writes. */
  public readonly jobName: string;
  /** The Job, to patch what has no property here. */
  public readonly job: k8s.KubeJob;
  /** What does the same again, to patch what has no property here; undefined without `repeatMinutes`. */
  public readonly cronJob: k8s.KubeCronJob | undefined;

  public constructor(scope: Construct, id: string, props: KvSeedJobProps) {
    super(scope, id);
    requireProps(this, props, 'store', 'configuration');
    const { store, configuration, repeatMinutes, image = IMAGES.curl } = props;
    const name = nameOf(this, props.name);
    const namespace = namespaceOf(this);
    const { entries, findings } = kvEntries(configuration, { rootKey: store.rootKey });
    const data = { 'seed.sh': containerScript('seed.sh'), entries: seedFile(entries, store.rootKey) };
    report(this, [
      ...store.findings,
      ...kvAccessFindings(store),
      ...writableFindings(store),
      ...toolFindings(store, props.image !== undefined),
      ...findings,
      ...secretFindings(configuration),
      ...seedFindings(store, entries),
      ...writtenTwice(this, store, entries),
      ...configMapFindings(data),
      ...repeatFindings(repeatMinutes),
      ...imageFindings(image),
    ]);
    check(this, () => defaultsTwice(this, store, configuration));

    const labels = recommendedLabels({ instance: name, component: 'kv-seed' });
    const environment = {
      ...kvEnvironment(store, (file) => `${KV_CREDENTIALS}/${file}`),
      SEED_NAME: `${namespace}/${name}`,
      SEED_FILE: `${FOLDER}/entries`,
    };
    const hash = digestOf(JSON.stringify([data, environment, image]), 10);
    this.jobName = `${name.slice(0, 52)}-${hash}`;
    new k8s.KubeConfigMap(this, 'Entries', { metadata: { name: this.jobName, labels }, immutable: true, data });
    const spec = jobSpec({ name: this.jobName, labels, image, environment, store });
    this.job = new k8s.KubeJob(this, 'Resource', { metadata: { name: this.jobName, labels }, spec });
    if (repeatMinutes === undefined) return;
    // Its name stays, so that the one of a changed program takes the place of this.
    this.cronJob = new k8s.KubeCronJob(this, 'Repeat', {
      metadata: { name: name.slice(0, 52).replace(/-+$/, ''), labels },
      spec: {
        schedule: `*/${repeatMinutes} * * * *`,
        concurrencyPolicy: 'Forbid',
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: { spec },
      },
    });
  }
}

/** KV-18 for more than the API server takes in an object. */
function configMapFindings(data: Readonly<Record<string, string>>): Finding[] {
  const bytes = Object.values(data).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return bytes <= 1024 * 1024 ? [] : [tooLarge(`${bytes} bytes`, 'a ConfigMap holds 1 MiB')];
}

const FOLDER = '/etc/traefik-ha/seed';

interface Seed {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly image: string;
  readonly environment: Record<string, string>;
  readonly store: KvStore;
}

function jobSpec({ name, labels, image, environment, store }: Seed): k8s.JobSpec {
  const access = kvAccess(store);
  return {
    backoffLimit: 6,
    template: {
      metadata: { labels },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        restartPolicy: 'OnFailure',
        securityContext: RESTRICTED_POD,
        containers: [
          {
            ...scriptContainer({ name: 'seed', image, environment }),
            command: ['sh', `${FOLDER}/seed.sh`],
            volumeMounts: [{ name: 'seed', mountPath: FOLDER, readOnly: true }, TMP_MOUNT, ...access.volumeMounts],
          },
        ],
        volumes: [{ name: 'seed', configMap: { name } }, TMP, ...access.volumes],
      },
    },
  };
}
