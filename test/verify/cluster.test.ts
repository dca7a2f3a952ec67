import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { ApiClient } from '../../lib/rotater/live/api-client';
import { ROUTE_VERSION } from '../../lib/rotater/route-object';
import { TRAEFIK_KINDS } from '../../lib/verify/crds';
import { type ClusterOptions, ClusterReader } from '../../lib/verify/live/cluster';
import { VERSIONS } from '../../lib/versions';
import { ingressRoute } from '../rotater/support';
import { ApiObjects } from '../support/api-server';
import { crdFiles } from '../support/schemas';
import { TestAuthority } from '../support/tls-servers';

const ROUTES = `/apis/${ROUTE_VERSION}/ingressroutes`;
const TCP_ROUTES = `/apis/${ROUTE_VERSION}/ingressroutetcps`;
const STORES = `/apis/${ROUTE_VERSION}/tlsstores`;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

let server: ApiObjects;
let client: ApiClient;
beforeEach(async () => {
  server = new ApiObjects();
  const url = await server.listen();
  client = new ApiClient({ server: url, options: async () => ({}) });
});
afterEach(() => {
  client.close();
  server.close();
});

const reader = (options: Partial<ClusterOptions> = {}) => new ClusterReader(client, { nodeSource: 'auto', ...options });
const route = (name: string, host: string, more: object = {}) =>
  ingressRoute({ name, match: `Host(\`${host}\`)`, tls: { secretName: `${name}-tls` }, ...more });

describe('routes', () => {
  test('of all pages and both kinds', async () => {
    for (const name of ['a', 'b', 'c']) server.put(ROUTES, route(name, `${name}.example.com`));
    server.put(TCP_ROUTES, {
      ...route('d', 'x', { kind: 'IngressRouteTCP' }),
      spec: { routes: [{ match: 'HostSNI(`d.example.com`)' }], tls: {} },
    });
    const { declaration, notes } = await reader().routes();
    expect(notes).toEqual([]);
    expect(declaration.hosts.map(({ host, isHttp, secret }) => [host, isHttp, secret?.name])).toEqual([
      ['a.example.com', true, 'a-tls'],
      ['b.example.com', true, 'b-tls'],
      ['c.example.com', true, 'c-tls'],
      ['d.example.com', false, undefined],
    ]);
  });

  test('of a namespace, of a class', async () => {
    server.put(ROUTES, route('a', 'a.example.com', { ingressClassName: 'edge' }));
    server.put(ROUTES, route('b', 'b.example.com', { ingressClassName: 'other' }));
    server.put(ROUTES, route('c', 'c.example.com', { namespace: 'team' }));
    const hosts = async (options: Partial<ClusterOptions>) =>
      (await reader(options).routes()).declaration.hosts.map(({ host }) => host);
    expect(await hosts({ namespaces: ['team'] })).toEqual(['c.example.com']);
    expect(await hosts({ ingressClass: 'edge' })).toEqual(['a.example.com']);
    expect(server.asked).toContain(`/apis/${ROUTE_VERSION}/namespaces/team/ingressroutes`);
  });

  test('none where the cluster does not know the kind', async () => {
    server.refused.push({ matching: /ingressroutes$/, status: 404 });
    expect((await reader().routes()).declaration.hosts).toEqual([]);
  });
});

describe('nodes', () => {
  const LABELS = { 'app.kubernetes.io/name': 'traefik-ha', 'app.kubernetes.io/component': 'traefik' };
  const service = (spec: object = {}, status: object = {}, labels: object = LABELS) => ({
    metadata: { name: 'traefik', namespace: 'edge', labels },
    spec: {
      selector: { app: 'traefik' },
      ports: [
        { name: 'web', port: 80, targetPort: 'web' },
        { name: 'websecure', port: 443, targetPort: 'websecure' },
      ],
      ...spec,
    },
    status,
  });
  const pod = (name: string, number: number, more: object = {}, port: object = {}) => ({
    metadata: { name, namespace: 'edge', labels: { app: 'traefik' }, ...more },
    spec: {
      nodeName: `node-${number}`,
      containers: [
        { name: 'side', image: 'side:1' },
        {
          name: 'traefik',
          image: `docker.io/library/traefik:v${VERSIONS.traefik}`,
          ports: [
            { name: 'web', containerPort: 8000 },
            { name: 'websecure', containerPort: 8443, ...port },
          ],
        },
      ],
    },
    status: {
      podIP: `10.1.0.${number}`,
      hostIP: `10.0.0.${number}`,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  const nodes = async (options: Partial<ClusterOptions> = {}) => {
    const one = reader(options);
    return one.nodesOf(await one.traefiks()).nodes;
  };
  const balanced = { loadBalancer: { ingress: [{ ip: '203.0.113.10' }] } };

  test('the addresses of the Service, which is found by its labels', async () => {
    server.put('/api/v1/services', service({}, balanced));
    expect(await nodes()).toEqual([{ host: '203.0.113.10', port: 443 }]);
  });

  test('those of the chart have other labels, and one beside it takes no TLS', async () => {
    const labels = { 'app.kubernetes.io/name': 'traefik' };
    const ports = [{ name: 'https', port: 443, targetPort: 8443 }];
    server.put('/api/v1/services', service({ ports }, balanced, labels));
    const metrics = service({ ports: [{ name: 'metrics', port: 9100 }] }, {}, labels);
    server.put('/api/v1/services', { ...metrics, metadata: { ...metrics.metadata, name: 'metrics' } });
    expect(await nodes()).toEqual([{ host: '203.0.113.10', port: 443 }]);
  });

  test('the machines of pods with ports of the host', async () => {
    server.put('/api/v1/services', service({}, balanced));
    server.put('/api/v1/pods', pod('a', 1, {}, { hostPort: 443 }));
    server.put('/api/v1/pods', pod('b', 2, {}, { hostPort: 443 }));
    const machines = [1, 2].map((number) => ({ host: `10.0.0.${number}`, port: 443, name: `node-${number}` }));
    expect(await nodes()).toEqual(machines);
    expect(await nodes({ nodeSource: 'nodes' })).toEqual(machines);
    expect(await nodes({ nodeSource: 'service' })).toEqual([{ host: '203.0.113.10', port: 443 }]);
  });

  test('the machines of pods on the network of the host', async () => {
    server.put('/api/v1/services', service());
    const one = pod('a', 1);
    server.put('/api/v1/pods', { ...one, spec: { ...one.spec, hostNetwork: true } });
    expect(await nodes()).toEqual([{ host: '10.0.0.1', port: 8443, name: 'node-1' }]);
  });

  test('each pod that is ready', async () => {
    server.put('/api/v1/services', service({ ports: [{ port: 443, targetPort: 8443 }] }, balanced));
    server.put('/api/v1/pods', pod('a', 1));
    server.put('/api/v1/pods', { ...pod('b', 2), status: { podIP: '10.1.0.2', conditions: [] } });
    server.put('/api/v1/pods', pod('c', 3, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    expect(await nodes({ nodeSource: 'pods' })).toEqual([{ host: '10.1.0.1', port: 8443, name: 'a' }]);
  });

  test('one Service by its name', async () => {
    server.put('/api/v1/services', service({}, balanced, {}));
    expect(await nodes()).toEqual([]);
    expect(await nodes({ service: { namespace: 'edge', name: 'traefik' } })).toHaveLength(1);
    expect(await nodes({ service: { namespace: 'edge', name: 'other' } })).toEqual([]);
  });

  describe('definitions', () => {
    const definitions = crdFiles()
      .flatMap((path) => parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS()))
      .filter((object) => TRAEFIK_KINDS.includes(object?.metadata?.name));
    const remarks = async () => {
      const one = reader();
      return (await one.definitions(await one.traefiks())).flatMap(({ findings }) =>
        findings.map(({ severity, message }) => `${severity}: ${message}`),
      );
    };
    beforeEach(() => {
      server.put('/api/v1/services', service());
      server.put('/api/v1/pods', pod('a', 1));
    });

    test('those of the pinned release fit the pinned Traefik', async () => {
      expect(definitions).toHaveLength(TRAEFIK_KINDS.length);
      for (const one of definitions) server.put(CRDS, one);
      expect(await remarks()).toEqual([]);
    });

    test('older and newer ones, and some that are missing', async () => {
      const of = (minor: string) => {
        for (const one of definitions)
          server.put(CRDS, JSON.parse(JSON.stringify(one).replaceAll('/traefik/v3.7/', `/traefik/v${minor}/`)));
      };
      of('3.6');
      expect(await remarks()).toEqual([
        `critical: kinds of Traefik 3.6 are defined, and Traefik ${VERSIONS.traefik} runs`,
      ]);
      of('3.10');
      expect(await remarks()).toEqual([
        `warning: kinds of Traefik 3.10 are defined, and Traefik ${VERSIONS.traefik} runs`,
      ]);
      server.close();
      server = new ApiObjects();
      client = new ApiClient({ server: await server.listen(), options: async () => ({}) });
      server.put('/api/v1/services', service());
      server.put('/api/v1/pods', pod('a', 1));
      for (const one of definitions.filter(({ metadata }) => metadata.name !== 'tlsstores.traefik.io'))
        server.put(CRDS, one);
      expect(await remarks()).toEqual([
        `critical: Traefik ${VERSIONS.traefik} needs kinds that are not defined: tlsstores.traefik.io`,
      ]);
    });

    test('an image without a version, and definitions that may not be read', async () => {
      for (const one of definitions) server.put(CRDS, one);
      const odd = pod('a', 1);
      odd.spec.containers[1] = { ...odd.spec.containers[1], image: 'registry.example.com/traefik@sha256:00' } as never;
      server.put('/api/v1/pods', odd);
      expect(await remarks()).toEqual([
        'unknown: the image registry.example.com/traefik@sha256:00 does not tell the version of Traefik',
      ]);
      server.refused.push({ matching: /customresourcedefinitions/, status: 403 });
      expect(await remarks()).toEqual(["unknown: the definitions of Traefik's kinds cannot be read: refused with 403"]);
    });
  });
});

describe('the certificates in Secrets', () => {
  const authority = new TestAuthority();
  afterAll(() => authority.remove());
  const secret = (name: string, pem: string) => ({
    metadata: { name, namespace: 'shop' },
    data: { 'tls.crt': Buffer.from(pem).toString('base64') },
  });
  const host = (name: string, secretName?: string) => ({
    ...{ host: name, nodes: [], isHttp: true },
    secret: secretName === undefined ? undefined : { namespace: 'shop', name: secretName },
  });

  test("a route's own", async () => {
    server.put('/api/v1/secrets', secret('web', authority.issue({ names: ['a.example.com'] }).certificate));
    const { expected, remarks } = await reader().expected([host('a.example.com', 'web'), host('b.example.com', 'web')]);
    expect(remarks).toEqual([]);
    expect(expected.get('a.example.com')).toEqual([
      { source: 'Secret shop/web', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/), issuedAt: expect.any(Date) },
    ]);
    // What the Secret is for matters to the name check, which sees what is served.
    expect(expected.get('b.example.com')).toHaveLength(1);
    expect(server.asked.filter((path) => path.includes('secrets'))).toHaveLength(1);
  });

  test('that of the default TLSStore which is for the host', async () => {
    server.put(STORES, {
      metadata: { name: 'default', namespace: 'shop' },
      spec: { defaultCertificate: { secretName: 'one' }, certificates: [{ secretName: 'two' }] },
    });
    server.put('/api/v1/secrets', secret('one', authority.issue({ names: ['*.example.com'] }).certificate));
    server.put('/api/v1/secrets', secret('two', authority.issue({ names: ['*.example.net'] }).certificate));
    const { expected } = await reader().expected([host('a.example.net'), host('a.example.org'), host('*.example.com')]);
    expect([...expected].map(([name, [one]]) => [name, one?.source])).toEqual([
      ['a.example.net', 'Secret shop/two'],
      ['*.example.com', 'Secret shop/one'],
    ]);
  });

  test('those that are named, and no others', async () => {
    const { certificate } = authority.issue({ names: ['*.example.com'] });
    for (const name of ['web', 'other', 'store']) server.put('/api/v1/secrets', secret(name, certificate));
    server.put(STORES, {
      metadata: { name: 'default', namespace: 'shop' },
      spec: { defaultCertificate: { secretName: 'store' } },
    });
    server.refused.push({ matching: /secrets\/(other|store)$/, status: 403 });
    const { expected, remarks } = await reader({ secrets: [{ namespace: 'shop', name: 'web' }] }).expected([
      ...[host('a.example.com', 'web'), host('b.example.com', 'other'), host('c.example.com')],
    ]);
    expect([[...expected.keys()], remarks]).toEqual([['a.example.com'], []]);
  });

  test('one that is not there, holds none, or may not be read', async () => {
    server.put('/api/v1/secrets', secret('empty', ''));
    server.refused.push({ matching: /secrets\/closed$/, status: 403 });
    const { expected, remarks } = await reader().expected(
      ['none', 'empty', 'closed'].map((name) => host(`${name}.example.com`, name)),
    );
    expect(expected.size).toBe(0);
    expect(remarks.map(({ host: name, findings: [one] }) => [name, one?.severity, one?.message])).toEqual([
      ['none.example.com', 'critical', 'Secret shop/none holds no certificate'],
      ['empty.example.com', 'critical', 'Secret shop/empty holds no certificate'],
      ['closed.example.com', 'unknown', 'Secret shop/closed cannot be read: refused with 403'],
    ]);
  });
});
