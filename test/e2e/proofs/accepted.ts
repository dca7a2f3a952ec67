import type { Manifest } from '../../support/synthesize';
import type { LiveObject } from '../lab/kubectl';
import { labNamespace } from '../support/backends';
import { differences, type Example, tsigSecret } from '../support/environments';
import type { Stage } from '../support/stage';

/** The examples that the lab runs. */
const RUN = ['minimal', 'wildcard', 'fullStack', 'kubernetesEtcd', 'hostNetwork'] as const;
const ALL = [...RUN, 'rotater'] as const;

/** What `cdk8s synth` writes is taken as it is, and what runs in the lab differs from it only where it must. */
export function accepted(stage: () => Stage): void {
  test.each(ALL)('%s: every object, strictly, without a warning; a second time nothing changes', async (name) => {
    const { examples, kubectl } = stage();
    const { dist, given = [] } = examples[name];
    for (const namespace of given) await kubectl.apply([labNamespace(namespace)]);
    await acceptedInOnePass(stage(), dist);
    await everyNamespaceEnforcesRestricted(stage(), name === 'hostNetwork' ? ['edge'] : []);
    const before = await versions(stage(), dist);
    await acceptedInOnePass(stage(), dist);
    expect(await versions(stage(), dist)).toEqual(before);
    await stage().remove(dist);
    for (const namespace of given) await kubectl.delete([labNamespace(namespace)]);
  });

  test.each(RUN)('%s: what the lab changes', async (name) => {
    const example = stage().examples[name];
    const changes = differences(example);
    process.stdout.write(
      `\n${example.name} in the lab differs from dist/ by\n${changes.map((line) => `  ${line}\n`).join('')}`,
    );
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter((line) => !isExpected(line))).toEqual([]);
  });
}

/** Whether the lab may change that: the ACME server and its CA, solvers, load balancer, DNS provider, and store. */
function isExpected(change: string): boolean {
  return EXPECTED.some((form) => form.test(change));
}

const EXPECTED: readonly RegExp[] = [
  /^ClusterIssuer \S+ spec\.acme\.(?:server|caBundle|solvers)/,
  /^Service edge\/traefik (?:metadata\.annotations|spec\.(?:loadBalancer|externalTrafficPolicy|allocateLoadBalancerNodePorts))/,
  /^Deployment edge\/traefik spec\.template\.spec\.(?:terminationGracePeriodSeconds|containers\.0\.lifecycle)/,
  /^Deployment edge\/traefik spec\.template\.spec\.containers\.0\.args\.--entryPoints\.\w+\.(?:proxyProtocol|transport)\./,
  /^Deployment edge\/external-dns spec\.template\.spec\.containers\.0\.(?:args|env)/,
  /^ClusterRole edge-external-dns rules/,
  /^DNSEndpoint \S+ spec\.endpoints/,
  /^Namespace edge metadata\.labels\.elbv2/,
  // On nodes: their private addresses, a shorter record and what follows from it, and one route more.
  /^(?:ConfigMap records\/nodes|Deployment records\/(?:nodes|external-dns)|DaemonSet edge\/traefik) /,
  /^ClusterRole edge-traefik rules/,
  /^\S+ (?:shop\/old(?:-tls)?|by-http|\S*by-http\S*): only in the lab/,
  // The name of the seed tells what it writes, and where.
  /^(?:Job|ConfigMap) edge\/routes-[0-9a-f]{10}: only in/,
  /^Deployment edge\/(?:traefik|certificates) spec\.template\.spec\.(?:volumes|containers\.0\.(?:env|image|volumeMounts|args\.--providers\.etcd))/,
  /^(?:ServiceAccount|Role|RoleBinding|Policy) .*(?:only in dist|annotations)/,
];

async function acceptedInOnePass({ kubectl }: Stage, objects: readonly Manifest[]): Promise<void> {
  const { stdout, stderr } = await kubectl.apply(objects);
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toHaveLength(objects.length);
}

/** But for that of an edge on nodes, and those that every cluster has, which nothing of an edge is in. */
async function everyNamespaceEnforcesRestricted({ kubectl }: Stage, others: readonly string[]): Promise<void> {
  const namespaces = await kubectl.list('namespaces');
  const loose = namespaces.filter(
    ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted',
  );
  expect(loose.map(({ metadata }) => metadata.name).sort()).toEqual([
    ...['default', ...others, 'kube-node-lease', 'kube-public', 'kube-system'],
  ]);
}

/** The version of each object, which rises with every change to it but for its status. */
async function versions({ kubectl }: Stage, objects: readonly Manifest[]): Promise<Record<string, unknown>> {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const { stdout } = await kubectl.run(['get', '-f', '-', '-o', 'json', '--show-managed-fields'], { input });
  const { items } = JSON.parse(stdout) as { items: LiveObject[] };
  return Object.fromEntries(
    items.map(({ kind, metadata, spec, data, rules }) => {
      const own = metadata.managedFields?.filter(
        ({ subresource }: Record<string, string>) => subresource === undefined,
      );
      return [
        `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
        { generation: metadata.generation, spec, data, rules, own },
      ];
    }),
  );
}

/** Applies an example for the lab, with what its team brings: namespaces, Secrets and backends. */
export async function deploy(
  stage: Stage,
  { lab, backends }: Example,
  backendObjects: readonly object[],
): Promise<void> {
  const namespaces = [...new Set(['edge', 'cert-manager', ...backends.map(({ namespace }) => namespace)])];
  const own = lab.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const missing = namespaces.filter((name) => !own.includes(name)).map(labNamespace);
  await stage.kubectl.apply([...missing, ...lab.filter(({ kind }) => kind === 'Namespace')]);
  await stage.kubectl.apply(['edge', 'cert-manager'].map((namespace) => tsigSecret(stage.lab, namespace)));
  await stage.kubectl.apply(lab);
  await stage.kubectl.apply(backendObjects);
  await stage.bindLoadBalancer();
  await stage.traefikReady();
}
