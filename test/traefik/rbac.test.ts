import { Chart, Testing } from 'cdk8s';
import { EdgeNamespace } from '../../lib/edge-namespace';
import { TraefikHaError } from '../../lib/model/problem';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { edgeChart, objectsIn, only, traefikObjects } from '../support/edge';

const WATCH = ['list', 'watch'];

const CRD_RULES = [
  { apiGroups: [''], resources: ['configmaps', 'secrets', 'services'], verbs: WATCH },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: WATCH },
  {
    apiGroups: ['traefik.io'],
    resources: [
      'ingressroutes',
      'ingressroutetcps',
      'ingressrouteudps',
      'middlewares',
      'middlewaretcps',
      'serverstransports',
      'serverstransporttcps',
      'tlsoptions',
      'tlsstores',
      'traefikservices',
    ],
    verbs: WATCH,
  },
];

const INGRESS_RULES = [{ apiGroups: ['networking.k8s.io'], resources: ['ingresses'], verbs: WATCH }];

const CLUSTER_RULES = [
  { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses'], verbs: WATCH },
  { apiGroups: [''], resources: ['nodes'], verbs: WATCH },
];

test('Traefik may watch what routes are made of, and nothing else', () => {
  expect(only(traefikObjects(), 'ClusterRole').rules).toEqual(CRD_RULES);
});

test('with HTTP-01 it may watch Ingresses and what comes with them, also where a later route asks for it', () => {
  const chart = edgeChart();
  const traefik = new TraefikHA(chart, 'traefik');
  expect(only(objectsIn(chart), 'ClusterRole').rules).toEqual(CRD_RULES);
  traefik.acceptHttp01();
  expect(only(objectsIn(chart), 'ClusterRole').rules).toEqual([...CRD_RULES, ...INGRESS_RULES, ...CLUSTER_RULES]);
});

test('the role is bound to the account that the pods run as, and to no other', () => {
  const objects = traefikObjects({ name: 'front' });
  const { roleRef, subjects, metadata } = only(objects, 'ClusterRoleBinding');
  expect(roleRef).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edge-front' });
  expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'front', namespace: 'edge' }]);
  expect(metadata.name).toBe(only(objects, 'ClusterRole').metadata.name);
  expect(only(objects, 'Deployment').spec.template.spec.serviceAccountName).toBe('front');
  expect(only(objects, 'ServiceAccount').metadata).toMatchObject({ name: 'front', namespace: 'edge' });
});

describe('narrowed to namespaces', () => {
  const namespaces = ['shop', 'blog', 'shop'];
  const readable = ['edge', 'shop', 'blog'];

  test('it may read those and its own, and nothing of the cluster', () => {
    const objects = traefikObjects({ namespaces });
    expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => [metadata.namespace, metadata.name])).toEqual(
      readable.map((namespace) => [namespace, 'edge-traefik']),
    );
    for (const { rules } of roles) expect(rules).toEqual(CRD_RULES);
    const bindings = objects.filter(({ kind }) => kind === 'RoleBinding');
    expect(bindings.map(({ metadata }) => metadata.namespace)).toEqual(readable);
    for (const { roleRef, subjects } of bindings) {
      expect(roleRef).toEqual({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'edge-traefik' });
      expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'traefik', namespace: 'edge' }]);
    }
    const { args } = only(objects, 'Deployment').spec.template.spec.containers[0];
    expect(args).toContain('--providers.kubernetescrd.namespaces=edge,shop,blog');
  });

  test('with HTTP-01 it may also read which classes and nodes there are', () => {
    const chart = edgeChart();
    new TraefikHA(chart, 'traefik', { namespaces }).acceptHttp01();
    const objects = objectsIn(chart);
    expect(only(objects, 'ClusterRole').rules).toEqual(CLUSTER_RULES);
    expect(only(objects, 'ClusterRoleBinding').roleRef.name).toBe('edge-traefik');
    const roles = objects.filter(({ kind }) => kind === 'Role');
    for (const { rules } of roles) expect(rules).toEqual([...CRD_RULES, ...INGRESS_RULES]);
    const { args } = only(objects, 'Deployment').spec.template.spec.containers[0];
    expect(args).toContain('--providers.kubernetesingress.namespaces=edge,shop,blog');
  });

  test('its roles come after the namespaces that they are in', () => {
    const app = Testing.app();
    const teams = new Chart(app, 'teams', { namespace: 'shop' });
    const chart = new Chart(app, 'edge', { namespace: 'edge' });
    new TraefikHA(chart, 'traefik', { namespaces: ['shop'] });
    new EdgeNamespace(teams, 'shop');
    app.synth();
    expect(chart.node.dependencies).toContain(teams);
  });

  test('a name that no namespace has is refused', () => {
    const chart = edgeChart();
    new TraefikHA(chart, 'traefik', { namespaces: ['Shop & Blog'] });
    expect(() => objectsIn(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'NAME-04',
          at: 'edge/traefik',
          value: 'Shop & Blog',
          message: 'namespaces is not a name that a namespace can have',
          fix: 'Use lower-case letters, digits and hyphens, 63 characters at most',
        },
      ]),
    );
  });
});
