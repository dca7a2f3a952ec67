import * as blueGreen from '../examples/blue-green/main';
import * as crossAccount from '../examples/cross-account/main';
import * as fullStack from '../examples/full-stack/main';
import * as hostNetwork from '../examples/host-network/main';
import * as kubernetesEtcd from '../examples/kubernetes-etcd/main';
import * as minimal from '../examples/minimal/main';
import * as rotater from '../examples/rotater/main';
import * as route53 from '../examples/route53/main';
import * as wildcard from '../examples/wildcard/main';
import { schemaProblems } from './support/schemas';
import { filesOf, type Manifest, objectsOf } from './support/synthesize';

/** What must hold for every object of every example, whatever else it shows. */
const EXAMPLES = {
  'blue-green: blue': () => ofCluster('blue'),
  'blue-green: green': () => ofCluster('green'),
  'cross-account': () => filesOf((app) => crossAccount.build(app, crossAccount.PRODUCTION)),
  'full-stack': () => filesOf((app) => fullStack.build(app, fullStack.PRODUCTION)),
  'host-network': () => filesOf((app) => hostNetwork.build(app, hostNetwork.PRODUCTION)),
  'kubernetes-etcd': () => filesOf((app) => kubernetesEtcd.build(app, kubernetesEtcd.PRODUCTION)),
  minimal: () => filesOf((app) => minimal.build(app, minimal.PRODUCTION)),
  rotater: () => filesOf((app) => rotater.build(app, rotater.PRODUCTION)),
  route53: () => filesOf((app) => route53.build(app, route53.PRODUCTION)),
  wildcard: () => filesOf((app) => wildcard.build(app, wildcard.PRODUCTION)),
};

/** What one of two clusters is given. */
function ofCluster(color: string): Record<string, string> {
  const files = filesOf((app) => blueGreen.build(app, blueGreen.PRODUCTION));
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.includes(`${color}-`)));
}

/** Namespaces that are there before: cert-manager's, and what every cluster has. */
const GIVEN_NAMESPACES = ['cert-manager', 'default'];

/** And that of the Traefik which an example is for, where it declares none. */
const isGiven = (namespace: string, example: string) =>
  GIVEN_NAMESPACES.includes(namespace) || (example === 'rotater' && namespace === 'edge');

const identity = ({ apiVersion, kind, metadata }: Manifest) =>
  `${apiVersion.split('/').slice(0, -1)} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

describe.each(Object.entries(EXAMPLES))('%s', (example, synthesize) => {
  const files = synthesize();
  const objects = objectsOf(files);
  const ofKind = (kind: string) => objects.filter((object) => object.kind === kind);
  const has = (kind: string, namespace: string | undefined, name: string) =>
    ofKind(kind).some(({ metadata }) => metadata.name === name && metadata.namespace === namespace);

  test('every object is one that the API server takes', () => {
    expect(objects.length).toBeGreaterThan(9);
    expect(objects.flatMap(schemaProblems)).toEqual([]);
  });

  test('no object is there twice', () => {
    const identities = objects.map(identity);
    expect(identities).toEqual([...new Set(identities)]);
  });

  test('the same program gives the same bytes', () => {
    expect(synthesize()).toEqual(files);
  });

  test('names are those of the program, without hashes', () => {
    for (const { metadata } of objects) expect(metadata.name).not.toMatch(/-c[0-9a-f]{7}$/);
  });

  test('every object of ours says whose it is', () => {
    const unlabelled = objects.filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/managed-by'] !== 'traefik-ha',
    );
    expect(unlabelled.map(identity)).toEqual(
      objects.filter(({ metadata }) => metadata.name === 'compress').map(identity),
    );
  });

  test('what an object needs stands before it', () => {
    const seen = new Set<string>();
    for (const object of objects) {
      const { kind, metadata } = object;
      if (metadata.namespace !== undefined && !isGiven(metadata.namespace, example)) {
        expect(seen).toContain(`Namespace ${metadata.namespace}`);
      }
      if (kind === 'Deployment' || kind === 'DaemonSet') {
        const { serviceAccountName: account, automountServiceAccountToken: token } = object.spec.template.spec;
        // Who asks the API server nothing has no account.
        if (account === undefined) expect(token).toBe(false);
        else expect(seen).toContain(`ServiceAccount ${account}`);
        if (ofKind('TLSStore').length > 0 && metadata.name === 'traefik') expect(seen).toContain('TLSStore default');
      }
      if (kind === 'RoleBinding' || kind === 'ClusterRoleBinding') {
        expect(seen).toContain(`${object.roleRef.kind} ${object.roleRef.name}`);
      }
      if (kind === 'IngressRoute') expect(seen).toContain(`IngressClass ${object.spec.ingressClassName}`);
      if (kind === 'Certificate') expect(seen).toContain(`${object.spec.issuerRef.kind} ${object.spec.issuerRef.name}`);
      seen.add(`${kind} ${metadata.name}`);
    }
  });

  test('selectors select the pods that are there', () => {
    for (const { metadata, spec } of [...ofKind('Deployment'), ...ofKind('DaemonSet')]) {
      const labels = spec.template.metadata.labels;
      const selectors = [
        spec.selector.matchLabels,
        ...(spec.template.spec.topologySpreadConstraints ?? []).map(
          (constraint: { labelSelector: { matchLabels: object } }) => constraint.labelSelector.matchLabels,
        ),
        ...[...ofKind('Service'), ...ofKind('PodDisruptionBudget')]
          .filter((other) => other.metadata.name === metadata.name)
          .map((other) => other.spec.selector.matchLabels ?? other.spec.selector),
      ];
      for (const selector of selectors) expect(labels).toMatchObject(selector);
    }
  });

  test('a drain can always go on', () => {
    expect(ofKind('PodDisruptionBudget').length).toBe(1);
    for (const { spec, metadata } of ofKind('PodDisruptionBudget')) {
      const workload = ofKind('Deployment').find((deployment) => deployment.metadata.name === metadata.name);
      expect(spec.minAvailable).toBeUndefined();
      expect(spec.maxUnavailable).toBe(1);
      expect(workload?.spec.replicas).toBeGreaterThan(1);
    }
  });

  test('each Secret has one writer, and each route, store and volume reads one that is written in its namespace', () => {
    const written = ofKind('Certificate').map(({ metadata, spec }) => `${metadata.namespace}/${spec.secretName}`);
    expect(written).toEqual([...new Set(written)]);
    const read = [
      ...ofKind('IngressRoute').flatMap(({ metadata, spec }) =>
        spec.tls.secretName === undefined ? [] : [`${metadata.namespace}/${spec.tls.secretName}`],
      ),
      ...ofKind('TLSStore').flatMap(({ metadata, spec }) =>
        spec.certificates.map((entry: { secretName: string }) => `${metadata.namespace}/${entry.secretName}`),
      ),
      ...ofKind('Deployment').flatMap(({ metadata, spec }) =>
        ((spec.template.spec.volumes ?? []) as { secret?: { secretName: string } }[]).flatMap(({ secret }) =>
          secret === undefined ? [] : [`${metadata.namespace}/${secret.secretName}`],
        ),
      ),
    ];
    expect(new Set(read)).toEqual(new Set(written));
  });

  test('references resolve', () => {
    for (const { metadata, spec } of ofKind('IngressRoute')) {
      for (const { middlewares = [] } of spec.routes) {
        for (const { name } of middlewares) expect(has('Middleware', metadata.namespace, name)).toBe(true);
      }
    }
    for (const { subjects } of [...ofKind('RoleBinding'), ...ofKind('ClusterRoleBinding')]) {
      for (const { namespace, name } of subjects) {
        expect(namespace === 'cert-manager' || has('ServiceAccount', namespace, name)).toBe(true);
      }
    }
  });

  test('pods pass the restricted standard, and write nowhere', () => {
    for (const { spec } of ofKind('Deployment')) {
      expect(spec.template.spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext } of spec.template.spec.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        });
      }
    }
  });

  test('pods on the network of nodes are root for its low ports alone, in a namespace of their own', () => {
    const daemonSets = ofKind('DaemonSet');
    expect(daemonSets).toHaveLength(example === 'host-network' ? 1 : 0);
    for (const { metadata, spec } of daemonSets) {
      const { containers, hostNetwork, securityContext } = spec.template.spec;
      expect([hostNetwork, securityContext.runAsUser]).toEqual([true, 0]);
      expect(containers.map((each: Manifest['spec']) => each.securityContext)).toEqual([
        {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
          readOnlyRootFilesystem: true,
        },
      ]);
      expect(ofKind('Deployment').filter((other) => other.metadata.namespace === metadata.namespace)).toEqual([]);
    }
    const open = ofKind('Namespace').filter(
      ({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted',
    );
    expect(open.map(({ metadata }) => metadata.name)).toEqual(daemonSets.map(({ metadata }) => metadata.namespace));
  });

  test('each host of a route is certified and announced once', () => {
    const certified = ofKind('Certificate').flatMap(({ spec }) => spec.dnsNames as string[]);
    const announced = ofKind('DNSEndpoint').flatMap(({ spec }) =>
      (spec.endpoints as { dnsName: string }[]).map(({ dnsName }) => dnsName),
    );
    expect(certified).toEqual([...new Set(certified)]);
    // Once for each family of addresses, where it is an ALIAS.
    const aliases = ofKind('DNSEndpoint').flatMap(({ spec }) =>
      (spec.endpoints as { dnsName: string; recordType: string }[]).map((each) => `${each.dnsName} ${each.recordType}`),
    );
    expect(aliases).toEqual([...new Set(aliases)]);
    for (const host of announced) {
      const wildcard = `*${host.slice(host.indexOf('.'))}`;
      expect(certified.includes(host) || certified.includes(wildcard)).toBe(true);
    }
  });
});

test('IAM documents of the full stack name its zones and no other resource of Route 53', () => {
  const files = EXAMPLES['full-stack']();
  const policies = Object.entries(files).filter(([path]) => path.endsWith('.policy.json'));
  expect(policies.map(([path]) => path)).toEqual(['iam/edge-dns01.policy.json', 'iam/edge-external-dns.policy.json']);
  const zones = [fullStack.SHOP_ZONE, fullStack.BLOG_ZONE].map(({ id }) => `arn:aws:route53:::hostedzone/${id}`);
  for (const [, text] of policies) {
    for (const { Action, Resource } of JSON.parse(text).Statement) {
      const everywhere = ['route53:ListHostedZones', 'route53:GetChange'].includes(Action[0]);
      if (everywhere) expect(Action).toHaveLength(1);
      else expect([...Resource].sort()).toEqual([...zones].sort());
    }
  }
});
