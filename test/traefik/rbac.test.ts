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

const INGRESS_RULES = [
  { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses', 'ingresses'], verbs: WATCH },
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
  expect(only(objectsIn(chart), 'ClusterRole').rules).toEqual([...CRD_RULES, ...INGRESS_RULES]);
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
