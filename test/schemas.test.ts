import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSIONS } from '../lib/versions';
import { knownKinds, schemaProblems } from './support/schemas';

const metadata = { name: 'shop', namespace: 'edge', labels: { 'app.kubernetes.io/name': 'shop' } };

const GOOD = {
  IngressRoute: {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata,
    spec: {
      entryPoints: ['websecure'],
      routes: [{ match: 'Host(`shop.example.com`)', kind: 'Rule', services: [{ name: 'web', port: 'http' }] }],
      tls: { secretName: 'shop-tls' },
    },
  },
  TLSOption: {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'TLSOption',
    metadata,
    spec: { minVersion: 'VersionTLS12', clientAuth: { clientAuthType: 'VerifyClientCertIfGiven' }, sniStrict: true },
  },
  Middleware: {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata,
    spec: { plugin: { anything: { goes: [1, 'two', null] } }, rateLimit: { average: 10, period: '1m' } },
  },
  Certificate: {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata,
    spec: {
      secretName: 'shop-tls',
      dnsNames: ['shop.example.com'],
      issuerRef: { name: 'letsencrypt', kind: 'ClusterIssuer' },
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
    },
  },
  ClusterIssuer: {
    apiVersion: 'cert-manager.io/v1',
    kind: 'ClusterIssuer',
    metadata: { name: 'letsencrypt' },
    spec: {
      acme: {
        server: 'https://acme-v02.api.letsencrypt.org/directory',
        privateKeySecretRef: { name: 'letsencrypt-account' },
        solvers: [
          { selector: { dnsZones: ['example.com'] }, dns01: { route53: { region: 'eu-central-1' } } },
          { dns01: { webhook: { groupName: 'acme.example.com', solverName: 'own', config: { any: ['thing'] } } } },
        ],
      },
    },
  },
  DNSEndpoint: {
    apiVersion: 'externaldns.k8s.io/v1alpha1',
    kind: 'DNSEndpoint',
    metadata,
    spec: {
      endpoints: [{ dnsName: 'shop.example.com', recordTTL: 300, recordType: 'A', targets: ['203.0.113.10'] }],
    },
  },
  Policy: {
    apiVersion: 'iam.services.k8s.aws/v1alpha1',
    kind: 'Policy',
    metadata,
    spec: { name: 'dns01', policyDocument: '{}', tags: [{ key: 'app', value: 'shop' }] },
  },
  Role: {
    apiVersion: 'iam.services.k8s.aws/v1alpha1',
    kind: 'Role',
    metadata,
    spec: { name: 'dns01', assumeRolePolicyDocument: '{}', policyRefs: [{ from: { name: 'dns01' } }] },
  },
  Deployment: {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...metadata, creationTimestamp: null },
    spec: {
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      selector: { matchLabels: { app: 'shop' } },
      template: {
        metadata: { labels: { app: 'shop' } },
        spec: {
          containers: [
            {
              name: 'traefik',
              image: 'traefik:v3',
              ports: [{ name: 'websecure', containerPort: 8443, protocol: 'TCP' }],
              lifecycle: { preStop: { sleep: { seconds: 10 } } },
              readinessProbe: { httpGet: { path: '/ping', port: 'admin' } },
              resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1.5, memory: '1e9' } },
              securityContext: { seccompProfile: { type: 'RuntimeDefault' }, readOnlyRootFilesystem: true },
            },
          ],
        },
      },
    },
  },
  PodDisruptionBudget: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'shop' } }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  },
  ClusterRole: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'edge:shop' },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
  },
  Service: {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'websecure', port: 443, targetPort: 'websecure' }],
    },
  },
  IngressClass: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'traefik', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'traefik.io/ingress-controller' },
  },
  Namespace: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } },
};

/** `kind`'s good object with `value` at `path`; undefined takes the field away. */
function edited(kind: keyof typeof GOOD, path: string, value: unknown): unknown {
  const copy = structuredClone<unknown>(GOOD[kind]);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const parent = steps.reduce((node, step) => (node as Record<string, unknown>)[step], copy);
  (parent as Record<string, unknown>)[last] = value;
  return copy;
}

test.each(Object.entries(GOOD))('the API server takes a good %s', (_, object) => {
  expect(schemaProblems(object)).toEqual([]);
});

describe('an unknown field', () => {
  test.each([
    ['IngressRoute', 'spec.routes.0.mach', 'edge/shop: unknown field spec.routes[0].mach'],
    ['TLSOption', 'spec.clientAuth.type', 'edge/shop: unknown field spec.clientAuth.type'],
    ['Certificate', 'spec.dnsName', 'edge/shop: unknown field spec.dnsName'],
    ['ClusterIssuer', 'spec.acme.mail', 'letsencrypt: unknown field spec.acme.mail'],
    ['DNSEndpoint', 'spec.endpoints.0.ttl', 'edge/shop: unknown field spec.endpoints[0].ttl'],
    ['Policy', 'spec.document', 'edge/shop: unknown field spec.document'],
    ['Role', 'spec.policyRefs.0.from.kind', 'edge/shop: unknown field spec.policyRefs[0].from.kind'],
    [
      'Deployment',
      'spec.template.spec.containers.0.lifecycle.preStop.sleep.duration',
      'edge/shop: unknown field spec.template.spec.containers[0].lifecycle.preStop.sleep.duration',
    ],
    ['PodDisruptionBudget', 'spec.minReady', 'edge/shop: unknown field spec.minReady'],
    ['ClusterRole', 'rules.0.groups', 'edge:shop: unknown field rules[0].groups'],
    ['Service', 'spec.ports.0.target', 'edge/shop: unknown field spec.ports[0].target'],
    ['IngressClass', 'spec.default', 'traefik: unknown field spec.default'],
    ['Namespace', 'metadata.label', 'edge: unknown field metadata.label'],
    ['Certificate', 'metadata.label', 'edge/shop: unknown field metadata.label'],
    ['IngressRoute', 'data', 'edge/shop: unknown field data'],
  ] as const)('%s: %s', (kind, path, problem) => {
    expect(schemaProblems(edited(kind, path, 'x'))).toEqual([`${kind} ${problem}`]);
  });
});

describe('a value of the wrong type or form', () => {
  test.each([
    ['IngressRoute', 'spec.routes.0.match', 1, 'spec.routes[0].match must be string, not 1'],
    [
      'IngressRoute',
      'spec.routes.0.services.0.port',
      true,
      'spec.routes[0].services[0].port must be integer or string, not true',
    ],
    ['TLSOption', 'spec.sniStrict', 'true', 'spec.sniStrict must be boolean, not "true"'],
    ['TLSOption', 'spec.sniStrict', null, 'spec.sniStrict must be boolean, not null'],
    ['Certificate', 'spec.dnsNames', 'shop.example.com', 'spec.dnsNames must be array, not "shop.example.com"'],
    ['ClusterIssuer', 'spec.acme.solvers.0', 'dns01', 'spec.acme.solvers[0] must be object, not "dns01"'],
    ['DNSEndpoint', 'spec.endpoints.0.recordTTL', '300', 'spec.endpoints[0].recordTTL must be integer, not "300"'],
    ['DNSEndpoint', 'spec.endpoints.0.recordTTL', 0.5, 'spec.endpoints[0].recordTTL must be integer, not 0.5'],
    ['Policy', 'spec.policyDocument', {}, 'spec.policyDocument must be string, not {}'],
    ['Role', 'spec.maxSessionDuration', '1h', 'spec.maxSessionDuration must be integer, not "1h"'],
    ['Deployment', 'spec.replicas', '3', 'spec.replicas must be integer, not "3"'],
    ['Deployment', 'spec.replicas', 2 ** 31, 'spec.replicas must be of the form int32, not 2147483648'],
    [
      'Deployment',
      'spec.strategy.rollingUpdate.maxSurge',
      [],
      'spec.strategy.rollingUpdate.maxSurge must be integer or string, not []',
    ],
    ['PodDisruptionBudget', 'spec.maxUnavailable', {}, 'spec.maxUnavailable must be integer or string, not {}'],
    ['ClusterRole', 'rules.0.verbs', 'get', 'rules[0].verbs must be array, not "get"'],
    ['Service', 'spec.ports.0.port', '443', 'spec.ports[0].port must be integer, not "443"'],
    ['IngressClass', 'metadata.annotations', { a: true }, 'metadata.annotations.a must be string, not true'],
    [
      'Namespace',
      'metadata.creationTimestamp',
      'today',
      'metadata.creationTimestamp must be of the form date-time, not "today"',
    ],
  ] as const)('%s: %s = %j', (kind, path, value, problem) => {
    expect(schemaProblems(edited(kind, path, value))).toEqual([expect.stringContaining(`: ${problem}`)]);
  });

  test.each(['100 m', '1Gib', '0,5', ''])('a quantity of %j', (cpu) => {
    const path = 'spec.template.spec.containers.0.resources.requests.cpu';
    expect(schemaProblems(edited('Deployment', path, cpu))).toEqual([
      expect.stringContaining('containers[0].resources.requests.cpu must match pattern'),
    ]);
  });

  test('a pattern of a CRD', () => {
    expect(schemaProblems(edited('Middleware', 'spec.circuitBreaker', { checkPeriod: 'soon' }))).toEqual([
      expect.stringContaining('spec.circuitBreaker.checkPeriod must match pattern'),
    ]);
  });
});

describe('a value outside the enumeration', () => {
  test.each([
    ['IngressRoute', 'spec.routes.0.kind', ['Rule']],
    [
      'TLSOption',
      'spec.clientAuth.clientAuthType',
      [
        'NoClientCert',
        'RequestClientCert',
        'RequireAnyClientCert',
        'VerifyClientCertIfGiven',
        'RequireAndVerifyClientCert',
      ],
    ],
    ['Certificate', 'spec.privateKey.algorithm', ['RSA', 'ECDSA', 'Ed25519']],
    ['Deployment', 'spec.strategy.type', ['Recreate', 'RollingUpdate']],
    ['Deployment', 'spec.template.spec.containers.0.ports.0.protocol', ['SCTP', 'TCP', 'UDP']],
    ['PodDisruptionBudget', 'spec.unhealthyPodEvictionPolicy', ['AlwaysAllow', 'IfHealthyBudget']],
    ['Service', 'spec.type', ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']],
  ] as const)('%s: %s', (kind, path, values) => {
    const field = path.replace(/\.(\d+)/g, '[$1]');
    const choice = values.map((value) => `"${value}"`).join(', ');
    expect(schemaProblems(edited(kind, path, 'tcp'))).toEqual([
      `${kind} edge/shop: ${field} must be one of ${choice}, not "tcp"`,
    ]);
  });
});

describe('a field that is missing', () => {
  test.each([
    ['IngressRoute', 'spec.routes'],
    ['TLSOption', 'spec'],
    ['Certificate', 'spec.issuerRef'],
    ['ClusterIssuer', 'spec.acme.server'],
    ['Policy', 'spec.policyDocument'],
    ['Role', 'spec.name'],
    ['Deployment', 'spec'],
    ['Deployment', 'spec.template.spec'],
    ['Deployment', 'spec.template.spec.containers.0.name'],
    ['Deployment', 'spec.template.spec.containers.0.lifecycle.preStop.sleep.seconds'],
    ['ClusterRole', 'rules.0.verbs'],
    ['Service', 'spec.ports.0.port'],
    ['Namespace', 'metadata.name'],
  ] as const)('%s: %s', (kind, path) => {
    const field = path.replace(/\.(\d+)/g, '[$1]');
    expect(schemaProblems(edited(kind, path, undefined))).toEqual([
      expect.stringMatching(new RegExp(`^${kind} .*: ${field.replace(/[[\]]/g, '\\$&')} is required$`)),
    ]);
  });

  test('except where null or a generated name stands for it', () => {
    expect(schemaProblems(edited('Deployment', 'spec.replicas', null))).toEqual([]);
    expect(schemaProblems(edited('Namespace', 'metadata', { generateName: 'edge-' }))).toEqual([]);
  });
});

describe('metadata', () => {
  test.each([
    ['Certificate', 'metadata.name', 'Shop', 'metadata.name must be an RFC 1123 subdomain, not "Shop"'],
    ['Namespace', 'metadata.name', 'a.b', 'metadata.name must be an RFC 1123 label, not "a.b"'],
    ['Service', 'metadata.name', '1st', 'metadata.name must be an RFC 1035 label, not "1st"'],
    ['ClusterRole', 'metadata.name', 'a/b', 'metadata.name must be one segment of a path, not "a/b"'],
    ['Certificate', 'metadata.namespace', 'a.b', 'metadata.namespace must be of the form namespace name, not "a.b"'],
    ['Certificate', 'metadata.labels', { a: 'b c' }, 'metadata.labels.a must be of the form label value, not "b c"'],
    [
      'Certificate',
      'metadata.labels',
      { 'a/b/c': '' },
      'metadata.labels has a key that must be of the form label key, not "a/b/c"',
    ],
    [
      'Service',
      'metadata.annotations',
      { 'a b': '' },
      'metadata.annotations has a key that must be of the form annotation key, not "a b"',
    ],
    [
      'Deployment',
      'spec.template.metadata.labels',
      { app: '-' },
      'spec.template.metadata.labels.app must be of the form label value, not "-"',
    ],
  ] as const)('%s: %s = %j', (kind, path, value, problem) => {
    expect(schemaProblems(edited(kind, path, value))).toEqual([expect.stringContaining(`: ${problem}`)]);
  });
});

test.each([
  ['traefik.containo.us/v1alpha1 IngressRoute', { ...GOOD.IngressRoute, apiVersion: 'traefik.containo.us/v1alpha1' }],
  ['apps/v1 Deploymint', { ...GOOD.Deployment, kind: 'Deploymint' }],
  ['policy/v1beta1 PodDisruptionBudget', { ...GOOD.PodDisruptionBudget, apiVersion: 'policy/v1beta1' }],
  ['undefined Service', { kind: 'Service' }],
])('nobody serves %s', (name, object) => {
  expect(schemaProblems(object)).toEqual([`${name}: no pinned release serves this kind`]);
});

test.each([undefined, null, 'a', []])('%j is no object', (value) => {
  expect(schemaProblems(value)).toEqual([expect.stringMatching(/^an object is expected, not /)]);
});

test('all problems come at once', () => {
  const object = edited('Certificate', 'metadata.name', 'Shop') as typeof GOOD.Certificate;
  expect(schemaProblems({ ...object, spec: { secretName: 1, dnsName: 'a' } })).toEqual([
    'Certificate edge/Shop: metadata.name must be an RFC 1123 subdomain, not "Shop"',
    'Certificate edge/Shop: spec.issuerRef is required',
    'Certificate edge/Shop: unknown field spec.dnsName',
    'Certificate edge/Shop: spec.secretName must be string, not 1',
  ]);
});

test('two items of a keyed list of a CRD may not share their key', () => {
  const condition = { type: 'Ready', status: 'True' };
  expect(schemaProblems({ ...GOOD.Certificate, status: { conditions: [condition, condition] } })).toEqual([
    'Certificate edge/shop: status.conditions has two items with the same type',
  ]);
});

test('every known kind has a schema without a keyword or format that is not understood', () => {
  const kinds = knownKinds();
  expect(kinds.length).toBeGreaterThan(80);
  for (const [apiVersion, kind] of kinds) {
    expect(() => schemaProblems({ apiVersion, kind, metadata: { name: 'shop' } })).not.toThrow();
  }
});

test('the pinned releases are those that the library emits objects for', () => {
  const pins = readFileSync(join(__dirname, 'upstream/schemas/go.mod'), 'utf8');
  expect(pins).toContain(`github.com/traefik/traefik/v3 v${VERSIONS.traefikCrds}\n`);
  expect(pins).toContain(`github.com/cert-manager/cert-manager v${VERSIONS.certManager}\n`);
  expect(pins).toContain(`sigs.k8s.io/external-dns v${VERSIONS.externalDns}\n`);
});
