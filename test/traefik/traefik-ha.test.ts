import { ApiObject, Chart, Duration, Size, Testing } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { Cluster } from '../../lib/cluster';
import { EdgeNamespace } from '../../lib/edge-namespace';
import { KvStore } from '../../lib/model/kv-store';
import { TraefikHaError } from '../../lib/model/problem';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { TraefikHA, type TraefikHAProps } from '../../lib/traefik/traefik-ha';
import { edgeChart, identities, objectsIn, only, podOf, traefikObjects } from '../support/edge';

const IMAGE = `registry.example.com/traefik@sha256:${'0123456789abcdef'.repeat(4)}`;
const GATE = 'elbv2.k8s.aws/pod-readiness-gate-inject';

const traefikIn = (chart: Chart, props?: TraefikHAProps) => new TraefikHA(chart, 'traefik', props);

test('defaults', () => {
  const chart = edgeChart();
  const traefik = traefikIn(chart);
  expect(identities(objectsIn(chart))).toEqual([
    'Namespace edge',
    'ServiceAccount traefik',
    'ClusterRole edge-traefik',
    'ClusterRoleBinding edge-traefik',
    'IngressClass traefik',
    'TLSOption default',
    'Middleware traefik-hsts',
    'PodDisruptionBudget traefik',
    'Deployment traefik',
    'Service traefik',
  ]);
  expect(traefik).toMatchObject({
    name: 'traefik',
    namespace: 'edge',
    version: '3.7.13',
    replicas: 3,
    ingressClass: 'traefik',
    drain: { preStopSeconds: 15, graceSeconds: 30, terminationSeconds: 60 },
    entryPoints: ['websecure', 'web'],
    dnsTargets: undefined,
  });
  const { spec } = only(objectsIn(chart), 'Deployment');
  expect(spec).toMatchObject({
    replicas: 3,
    minReadySeconds: 10,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  });
  expect(spec.template.spec.containers[0].image).toBe('docker.io/library/traefik:v3.7.13');
});

test('everything', () => {
  // On nodes there is no load balancer: edge-nodes.test.ts.
  const everything: Omit<Required<TraefikHAProps>, 'nodes'> = {
    loadBalancer: LoadBalancer.awsNlb({ hostName: 'lb.example.com' }),
    replicas: 5,
    version: '3.7.6',
    image: IMAGE,
    ingressClass: 'public',
    namespaces: ['edge', 'shop'],
    kvStore: KvStore.etcd({
      endpoints: ['etcd-0.etcd:2379', 'etcd-1.etcd:2379'],
      rootKey: 'edge',
      credentials: { username: { secretName: 'etcd', key: 'user' }, password: 'etcd' },
      tls: { ca: 'etcd-ca', client: 'etcd-client' },
    }),
    drain: { preStopSeconds: 200, graceSeconds: 100 },
    resources: {
      cpuRequest: Cpu.millis(250),
      cpuLimit: Cpu.units(2),
      memoryRequest: Size.mebibytes(256),
      memoryLimit: Size.gibibytes(1),
    },
    tls: {
      minVersion: '1.3',
      sniStrict: false,
      cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
      clientCaSecrets: ['partners-ca'],
    },
    hsts: { maxAge: Duration.days(730), includeSubdomains: true, preload: true },
    logLevel: 'WARN',
    extraArguments: ['--tracing.otlp=true'],
    priorityClassName: 'system-cluster-critical',
    createNamespace: false,
    name: 'front',
  };
  const objects = traefikObjects(everything);
  const { containers, ...pod } = podOf(objects);

  expect(identities(objects)).toEqual([
    'ServiceAccount front',
    'Role edge-front',
    'RoleBinding edge-front',
    'Role edge-front',
    'RoleBinding edge-front',
    'IngressClass public',
    'TLSOption default',
    'Middleware front-hsts',
    'PodDisruptionBudget front',
    'Deployment front',
    'Service front',
  ]);
  expect(only(objects, 'Service').spec.loadBalancerClass).toBe('service.k8s.aws/nlb');
  expect(only(objects, 'Deployment').spec.replicas).toBe(5);
  expect(pod).toMatchObject({
    serviceAccountName: 'front',
    priorityClassName: 'system-cluster-critical',
    terminationGracePeriodSeconds: 320,
  });
  expect(containers[0]).toMatchObject({
    image: IMAGE,
    env: [
      { name: 'GOMEMLIMIT', value: '921MiB' },
      { name: 'KV_USERNAME', valueFrom: { secretKeyRef: { name: 'etcd', key: 'user' } } },
      { name: 'KV_PASSWORD', valueFrom: { secretKeyRef: { name: 'etcd', key: 'password' } } },
    ],
    volumeMounts: [{ name: 'tmp' }, { name: 'store', mountPath: '/etc/traefik-ha/store', readOnly: true }],
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '2', memory: '1024Mi' } },
    lifecycle: { preStop: { sleep: { seconds: 200 } } },
  });
  expect(containers[0].args).toEqual(
    expect.arrayContaining([
      '--log.level=WARN',
      '--entryPoints.web.transport.lifeCycle.graceTimeOut=100s',
      '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=100s',
      '--providers.kubernetescrd.ingressClass=public',
      '--entryPoints.websecure.http.underscoreHeadersStrategy=delete',
      '--entryPoints.websecure.http.middlewares=edge-front-hsts@kubernetescrd',
      '--providers.etcd.endpoints=etcd-0.etcd:2379,etcd-1.etcd:2379',
      '--providers.etcd.rootKey=edge',
      '--providers.etcd.username=$(KV_USERNAME)',
      '--providers.etcd.password=$(KV_PASSWORD)',
      '--providers.etcd.tls.ca=/etc/traefik-ha/store/ca.crt',
      '--providers.etcd.tls.cert=/etc/traefik-ha/store/tls.crt',
      '--providers.etcd.tls.key=/etc/traefik-ha/store/tls.key',
      '--tracing.otlp=true',
    ]),
  );
  expect(pod.volumes[1]).toEqual({
    name: 'store',
    projected: {
      defaultMode: 0o440,
      sources: [
        { secret: { name: 'etcd', items: [{ key: 'user', path: 'username' }] } },
        { secret: { name: 'etcd', items: [{ key: 'password', path: 'password' }] } },
        { secret: { name: 'etcd-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { secret: { name: 'etcd-client', items: [{ key: 'tls.crt', path: 'tls.crt' }] } },
        { secret: { name: 'etcd-client', items: [{ key: 'tls.key', path: 'tls.key' }] } },
      ],
    },
  });
  expect(only(objects, 'TLSOption').spec).toEqual({
    minVersion: 'VersionTLS13',
    sniStrict: false,
    cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
    clientAuth: { secretNames: ['partners-ca'], clientAuthType: 'RequireAndVerifyClientCert' },
  });
  expect(only(objects, 'Middleware').spec).toEqual({
    headers: { stsSeconds: 63_072_000, stsIncludeSubdomains: true, stsPreload: true },
  });
});

test('the default child is the Deployment', () => {
  const traefik = traefikIn(edgeChart());
  expect(traefik.node.defaultChild).toBe(traefik.deployment);
  expect(traefik.deployment.kind).toBe('Deployment');
});

test('the Deployment can be patched', () => {
  const chart = edgeChart();
  const { deployment } = traefikIn(chart);
  deployment.metadata.addAnnotation('example.com/team', 'edge');
  expect(only(objectsIn(chart), 'Deployment').metadata.annotations).toEqual({ 'example.com/team': 'edge' });
});

describe('the IngressClass', () => {
  test('is not the default of the cluster', () => {
    const { metadata, spec } = only(traefikObjects(), 'IngressClass');
    expect(metadata.annotations).toBeUndefined();
    expect(spec).toEqual({ controller: 'traefik.io/ingress-controller' });
  });

  test('is what routes wait for', () => {
    const { applyBefore } = traefikIn(edgeChart());
    expect(`${applyBefore.kind} ${applyBefore.name}`).toBe('IngressClass traefik');
  });
});

test('every object says whose it is, and objects without a namespace have none', () => {
  const chart = edgeChart();
  traefikIn(chart).defaultStore();
  for (const { kind, metadata } of objectsIn(chart)) {
    const clusterWide = ['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'IngressClass'].includes(kind);
    expect(metadata.namespace).toBe(clusterWide ? undefined : 'edge');
    expect(metadata.labels).toMatchObject({
      'app.kubernetes.io/name': 'traefik-ha',
      'app.kubernetes.io/instance': expect.stringMatching(/^(traefik|edge|default)$/),
      'app.kubernetes.io/component': expect.stringMatching(/^(traefik|namespace|tls-option|tls-store)$/),
      'app.kubernetes.io/managed-by': 'traefik-ha',
    });
  }
});

describe('HTTP-01', () => {
  const bypass = '--entryPoints.web.allowACMEByPass=true';

  test('is let through after it was asked for, also by a route that comes later', () => {
    const chart = edgeChart();
    const traefik = traefikIn(chart);
    expect(traefik.arguments).not.toContain(bypass);
    expect(podOf(objectsIn(chart)).containers[0].args).not.toContain(bypass);
    traefik.acceptHttp01();
    expect(traefik.arguments).toContain(bypass);
    expect(podOf(objectsIn(chart)).containers[0].args).toEqual(traefik.arguments);
  });
});

describe('the default TLSStore', () => {
  test('is one, however often it is asked for', () => {
    const traefik = traefikIn(edgeChart());
    expect(traefik.defaultStore()).toBe(traefik.defaultStore());
  });

  test('stands before the Deployment, so that no pod serves a certificate of its own making', () => {
    const chart = edgeChart();
    traefikIn(chart).defaultStore().addCertificate('wildcard-tls');
    const order = identities(objectsIn(chart));
    expect(order).toContain('TLSStore default');
    expect(order.indexOf('TLSStore default')).toBeLessThan(order.indexOf('Deployment traefik'));
  });

  test('is not made where nobody asks for it', () => {
    expect(identities(traefikObjects())).not.toContain('TLSStore default');
  });
});

describe('the namespace', () => {
  test('is made with Pod Security enforced', () => {
    expect(only(traefikObjects(), 'Namespace').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  test.each(['default', 'kube-system'])('%s is there already', (namespace) => {
    const chart = new Chart(Testing.app(), 'edge', { namespace });
    traefikIn(chart);
    expect(identities(objectsIn(chart))).not.toContain(`Namespace ${namespace}`);
  });

  test('is left to an EdgeNamespace that was declared before', () => {
    const app = Testing.app();
    const namespaces = new Chart(app, 'namespaces');
    new EdgeNamespace(namespaces, 'edge');
    const chart = edgeChart(app);
    traefikIn(chart, { loadBalancer: LoadBalancer.awsNlb({ hostName: 'lb.example.com' }) });
    expect(identities(objectsIn(chart))).not.toContain('Namespace edge');
    expect(only(objectsIn(namespaces), 'Namespace').metadata.labels).toMatchObject({ [GATE]: 'enabled' });
  });

  test.each([
    ['an NLB that sends to pods', LoadBalancer.awsNlb({ hostName: 'lb.example.com' }), 'enabled'],
    ['an NLB that sends to nodes', LoadBalancer.awsNlb({ hostName: 'lb.example.com', targets: 'instance' }), undefined],
    ['any other', LoadBalancer.generic(), undefined],
  ])('has the AWS controller hold back pods for %s: %#', (_, loadBalancer, expected) => {
    expect(only(traefikObjects({ loadBalancer }), 'Namespace').metadata.labels?.[GATE]).toBe(expected);
  });
});

test('two edges, each in its own cluster, do not meet', () => {
  const app = Testing.app();
  const charts = ['east', 'west'].map((name) => edgeChart(new Cluster(app, name)));
  for (const chart of charts) traefikIn(chart).defaultStore();
  const [east, west] = charts.map(objectsIn);
  expect(east).toEqual(west);
});

test('the same program gives the same objects, again and anew', () => {
  const chart = edgeChart();
  traefikIn(chart).defaultStore();
  const first = JSON.stringify(Testing.synth(chart));
  expect(JSON.stringify(Testing.synth(chart))).toBe(first);
  const other = edgeChart();
  traefikIn(other).defaultStore();
  expect(JSON.stringify(Testing.synth(other))).toBe(first);
});

describe('what cannot run is refused', () => {
  const refused = (props: TraefikHAProps, code: string, value: string, message: string, fix: string) => {
    const chart = edgeChart();
    traefikIn(chart, props);
    expect(() => Testing.synth(chart)).toThrow(new TraefikHaError([{ code, at: 'edge/traefik', value, message, fix }]));
  };

  test.each([1, 0, 2.5, Number.NaN])('%d replicas', (replicas) => {
    refused(
      { replicas },
      'TRAEFIK-08',
      String(replicas),
      replicas === 2.5
        ? 'this is no whole number of instances'
        : 'with fewer than two instances nothing serves while one is replaced',
      'Leave replicas out for 3',
    );
  });

  test.each([
    [128, 64, '128Mi requested, 64Mi at most'],
    [32, 63, '32Mi requested, 63Mi at most'],
  ])('%d MiB requested of %d MiB', (memoryRequest, memoryLimit, value) => {
    refused(
      { resources: { memoryRequest: Size.mebibytes(memoryRequest), memoryLimit: Size.mebibytes(memoryLimit) } },
      'TRAEFIK-09',
      value,
      'the limit is 64Mi at least, and not below what is requested',
      'Raise resources.memoryLimit, or leave it out for 512Mi',
    );
  });

  test('more CPU requested than permitted', () => {
    refused(
      { resources: { cpuRequest: Cpu.units(1), cpuLimit: Cpu.millis(500) } },
      'TRAEFIK-09',
      '1 requested, 500m at most',
      'the limit of the CPU is below what is requested',
      'Leave resources.cpuLimit out, or raise it',
    );
  });

  test('an image that changes', () => {
    refused(
      { image: 'traefik:latest' },
      'IMAGE-01',
      'traefik:latest',
      'not an image with a tag other than latest, or a digest: it would change under the pods that run it',
      'Write registry.example.com/traefik:v3.7.13, or …@sha256:…',
    );
  });

  test('a load balancer that would still send after SIGTERM', () => {
    refused(
      { loadBalancer: LoadBalancer.awsNlb({ hostName: 'lb.example.com' }), drain: { preStopSeconds: 30 } },
      'DRAIN-01',
      '30',
      'this load balancer (nlb-ip) still sends new connections for up to 150 s after an instance began to stop',
      'Set drain.preStopSeconds to 150 or more, or leave it out',
    );
  });

  test('no time for requests to end', () => {
    refused(
      { drain: { graceSeconds: 0 } },
      'DRAIN-02',
      '0',
      'drain.graceSeconds is a whole number of seconds from 1 to 3600',
      'Leave it out for what the load balancer needs',
    );
  });

  test('a class or priority that can have no such name', () => {
    const chart = edgeChart();
    traefikIn(chart, { ingressClass: 'Public', priorityClassName: 'very high' });
    const refusal = { code: 'NAME-04', at: 'edge/traefik', fix: 'Use lower-case letters, digits, hyphens and dots' };
    const message = (property: string) => `${property} is not a name that an object in Kubernetes can have`;
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        { ...refusal, value: 'Public', message: message('ingressClass') },
        { ...refusal, value: 'very high', message: message('priorityClassName') },
      ]),
    );
  });

  test('a name that no Service can have', () => {
    refused(
      { name: '1st' },
      'NAME-02',
      '1st',
      'not a name that Kubernetes takes for a Service',
      'Begin it with a letter',
    );
  });

  test('a second one in the cluster, whose default TLSOption would switch off that of the first in older versions', () => {
    const app = Testing.app();
    traefikIn(edgeChart(app), { version: '3.7.10' });
    const other = new Chart(app, 'other', { namespace: 'other' });
    new TraefikHA(other, 'internal');
    expect(() => Testing.synth(other)).toThrow(
      new TraefikHaError([
        {
          code: 'TLS-02',
          at: 'other/internal/TlsOption',
          value: 'TLSOption default',
          message:
            'a cluster has one default TLSOption, Traefik drops both of two, and edge/traefik/TlsOption declares one',
          fix: 'Give this one another name, or put it into another Cluster',
        },
      ]),
    );
  });
});

test('two may stand in one cluster, each with default TLS objects of its own namespace', () => {
  const app = Testing.app();
  traefikIn(edgeChart(app));
  const inner = new Chart(app, 'inner', { namespace: 'inner' });
  new TraefikHA(inner, 'internal').defaultStore();
  expect(() => Testing.synth(inner)).not.toThrow();
});

test('an edge keeps its own objects from meeting those of the program', () => {
  const chart = edgeChart();
  traefikIn(chart);
  new ApiObject(chart, 'own', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'traefik' } });
  expect(() => Testing.synth(chart)).toThrow(/^NAME-01 \[edge\/own\] .*ServiceAccount edge\/traefik/);
});
