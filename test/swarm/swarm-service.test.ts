import { Size } from 'cdk8s';
import { KvStore } from '../../lib/model/kv-store';
import { Match } from '../../lib/model/rule/build';
import { HostedZone } from '../../lib/model/zone';
import { SwarmService, type SwarmServiceProps } from '../../lib/swarm/swarm-service';
import { SwarmStack } from '../../lib/swarm/swarm-stack';
import { SwarmTraefik } from '../../lib/swarm/swarm-traefik';
import { stackProblems, writtenStack } from '../support/stacks';

const declare = (props: Partial<SwarmServiceProps>) => (stack: SwarmStack) =>
  new SwarmService(stack, 'shop', {
    traefik: props.traefik ?? new SwarmTraefik(stack, 'traefik', { middlewares: { compress: { compress: {} } } }),
    image: 'registry.example.com/shop:1.4.2',
    routes: [{ host: 'shop.example.com', port: 8080 }],
    ...props,
  });
const serviceOf = (props: Partial<SwarmServiceProps> = {}) => writtenStack(declare(props)).stack.services.shop;
const labelsOf = (props: Partial<SwarmServiceProps>) => serviceOf(props).deploy.labels;
const problemsOf = (props: Partial<SwarmServiceProps>) => stackProblems(declare(props));

test('what runs where nothing was said', () => {
  expect(serviceOf()).toEqual({
    image: 'registry.example.com/shop:1.4.2',
    read_only: true,
    cap_drop: ['ALL'],
    volumes: [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: 67_108_864 } }],
    networks: { webgateway: {} },
    deploy: {
      mode: 'replicated',
      replicas: 2,
      labels: {
        'traefik.enable': 'true',
        'traefik.http.routers.edge_shop.rule': 'Host(`shop.example.com`)',
        'traefik.http.routers.edge_shop.entrypoints': 'websecure',
        'traefik.http.routers.edge_shop.tls': 'true',
        'traefik.http.routers.edge_shop.service': 'edge_shop-8080',
        'traefik.http.services.edge_shop-8080.loadbalancer.server.port': '8080',
      },
      resources: { limits: { memory: '512M' } },
      update_config: {
        ...{ parallelism: 1, delay: '10s', monitor: '30s' },
        ...{ order: 'start-first', failure_action: 'rollback' },
      },
      restart_policy: { condition: 'any', delay: '5s' },
    },
  });
});

test('every property shows', () => {
  const { stack } = writtenStack((edge) => {
    const props: Required<SwarmServiceProps> = {
      traefik: new SwarmTraefik(edge, 'traefik'),
      image: 'registry.example.com/shop:1.4.2',
      routes: [{ host: 'shop.example.com', port: 8080 }],
      protocol: 'http',
      replicas: 4,
      command: ['serve'],
      environment: { MODE: 'live' },
      secrets: ['database-password'],
      user: '1000:1001',
      capabilities: ['NET_BIND_SERVICE'],
      writable: true,
      volumes: [{ type: 'volume', source: edge.volume('uploads'), target: '/uploads' }],
      networks: [edge.privateNetwork('backend')],
      healthcheck: { test: ['CMD', 'check'], interval: '5s' },
      placement: ['node.role == worker'],
      memoryLimit: Size.gibibytes(1),
    };
    const service = new SwarmService(edge, 'shop', props);
    expect(service.hosts).toEqual(['shop.example.com']);
    expect(service.node.defaultChild).toBe(service.service);
  });
  expect(stack.services.shop).toMatchObject({
    command: ['serve'],
    environment: { MODE: 'live' },
    secrets: [{ source: 'database-password', target: 'database-password', uid: '1000', gid: '1001', mode: 0o400 }],
    user: '1000:1001',
    cap_add: ['NET_BIND_SERVICE'],
    read_only: false,
    networks: { webgateway: {}, backend: {} },
    healthcheck: { test: ['CMD', 'check'], interval: '5s' },
    deploy: {
      replicas: 4,
      placement: { constraints: ['node.role == worker'] },
      resources: { limits: { memory: '1024M' } },
    },
  });
  expect(stack.services.shop.volumes[1]).toEqual({ type: 'volume', source: 'uploads', target: '/uploads' });
});

test('a secret that is named twice is mounted once', () => {
  expect(serviceOf({ secrets: ['token', 'token'] }).secrets).toHaveLength(1);
});

test('a /tmp of its own', () => {
  const volumes = [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: 1024 } }] as const;
  expect(serviceOf({ volumes }).volumes).toEqual(volumes);
});

test('routes in each form, over several ports, by one rule builder with Kubernetes', () => {
  expect(
    labelsOf({
      routes: [
        { host: ['shop.example.com', 'www.example.com'], pathPrefix: '/api', port: 8080, priority: 100 },
        {
          match: Match.and(Match.host('admin.example.com'), Match.not(Match.pathPrefix('/metrics'))),
          port: 8443,
          scheme: 'https',
          middlewares: ['compress', { name: 'login@etcd', declaredElsewhere: true }],
        },
        { rule: 'Host(`a.example.com`) && HeaderRegexp(`X-Id`, `^[0-9]+$`)', port: 8080 },
      ],
    }),
  ).toEqual({
    'traefik.enable': 'true',
    'traefik.http.routers.edge_shop_0.rule':
      '(Host(`shop.example.com`) || Host(`www.example.com`)) && PathPrefix(`/api`)',
    'traefik.http.routers.edge_shop_0.entrypoints': 'websecure',
    'traefik.http.routers.edge_shop_0.tls': 'true',
    'traefik.http.routers.edge_shop_0.service': 'edge_shop-8080',
    'traefik.http.routers.edge_shop_0.priority': '100',
    'traefik.http.services.edge_shop-8080.loadbalancer.server.port': '8080',
    'traefik.http.routers.edge_shop_1.rule': 'Host(`admin.example.com`) && !PathPrefix(`/metrics`)',
    'traefik.http.routers.edge_shop_1.entrypoints': 'websecure',
    'traefik.http.routers.edge_shop_1.tls': 'true',
    'traefik.http.routers.edge_shop_1.service': 'edge_shop-8443-https',
    'traefik.http.routers.edge_shop_1.middlewares': 'compress@file,login@etcd',
    'traefik.http.services.edge_shop-8443-https.loadbalancer.server.port': '8443',
    'traefik.http.services.edge_shop-8443-https.loadbalancer.server.scheme': 'https',
    // The client would take a single dollar for a variable.
    'traefik.http.routers.edge_shop_2.rule': 'Host(`a.example.com`) && HeaderRegexp(`X-Id`, `^[0-9]+$$`)',
    'traefik.http.routers.edge_shop_2.entrypoints': 'websecure',
    'traefik.http.routers.edge_shop_2.tls': 'true',
    'traefik.http.routers.edge_shop_2.service': 'edge_shop-8080',
  });
});

test('whole connections over TCP', () => {
  expect(labelsOf({ protocol: 'tcp', routes: [{ host: 'db.example.com', port: 5432 }] })).toEqual({
    'traefik.enable': 'true',
    'traefik.tcp.routers.edge_shop.rule': 'HostSNI(`db.example.com`)',
    'traefik.tcp.routers.edge_shop.entrypoints': 'websecure',
    'traefik.tcp.routers.edge_shop.tls': 'true',
    'traefik.tcp.routers.edge_shop.service': 'edge_shop-5432',
    'traefik.tcp.services.edge_shop-5432.loadbalancer.server.port': '5432',
  });
});

test('a service of another stack joins the network of its Traefik', () => {
  const { files } = writtenStack((edge) => {
    const traefik = new SwarmTraefik(edge, 'traefik');
    declare({ traefik })(new SwarmStack(edge.node.root as never, 'apps'));
  });
  expect(files['apps.stack.yml']).toContain('  edge_webgateway:\n    external: true\n    name: edge_webgateway\n');
  expect(files['edge.stack.yml']).toContain('  webgateway:\n    driver: overlay\n    attachable: true\n');
});

test('routers of two stacks have two names, however these are put together', () => {
  const { files } = writtenStack((edge) => {
    const traefik = new SwarmTraefik(edge, 'traefik');
    const at = (host: string) => ({ traefik, image: 'registry.example.com/shop:1', routes: [{ host, port: 80 }] });
    new SwarmService(edge, 'shop-api', at('a.example.com'));
    new SwarmService(new SwarmStack(edge.node.root as never, 'edge-shop'), 'api', at('b.example.com'));
  });
  expect(files['edge.stack.yml']).toContain('traefik.http.routers.edge_shop-api.rule');
  expect(files['edge-shop.stack.yml']).toContain('traefik.http.routers.edge-shop_api.rule');
});

describe('what is refused', () => {
  test('routes that lead nowhere', () => {
    expect(problemsOf({ routes: [] })).toEqual([expect.stringMatching(/^ROUTE-02 \[edge\/shop\] /)]);
    expect(problemsOf({ routes: [{ host: 'shop.example.com', port: 0 }] })).toEqual([
      'ROUTE-01 [edge/shop] not a port of the service (0). Write port: 8080, the one that its containers listen on',
    ]);
    expect(problemsOf({ routes: [{ rule: 'Host(`a.example.com`', port: 80 }] })).toEqual([
      expect.stringMatching(/^RULE-01 \[edge\/shop\] /),
    ]);
    expect(problemsOf({ routes: [{ host: 'shop', port: 80 }] })).toEqual([
      expect.stringMatching(/^HOST-01 \[edge\/shop\] .*\(shop\)/),
    ]);
    expect(problemsOf({ routes: [{ host: 'shop.example.com', port: 80, priority: 0 }] })).toEqual([
      expect.stringMatching(/^ROUTE-03 \[edge\/shop\] /),
    ]);
  });

  test('a middleware that Traefik does not have', () => {
    expect(problemsOf({ routes: [{ host: 'shop.example.com', port: 80, middlewares: ['login'] }] })).toEqual([
      "ROUTE-05 [edge/shop] edge/traefik declares no such middleware, and without it Traefik switches the route off (login). Declare it in its middlewares, or write { name: 'login@etcd', declaredElsewhere: true }",
    ]);
  });

  test('a middleware that is of nobody', () => {
    const middlewares = ['compress', 'a,b@etcd', 'a b@etcd'].map((name) => ({
      name,
      declaredElsewhere: true as const,
    }));
    expect(problemsOf({ routes: [{ host: 'shop.example.com', port: 80, middlewares }] })).toEqual([
      "ROUTE-05 [edge/shop] not a middleware of another provider, and without one Traefik switches the route off (compress). Write its name and whose it is, such as { name: 'login@etcd', declaredElsewhere: true }",
      expect.stringContaining('(a,b@etcd)'),
      expect.stringContaining('(a b@etcd)'),
    ]);
  });

  test('a scheme over TCP', () => {
    expect(problemsOf({ protocol: 'tcp', routes: [{ host: 'db.example.com', port: 5432, scheme: 'https' }] })).toEqual([
      expect.stringMatching(/^ROUTE-16 \[edge\/shop\] /),
    ]);
  });

  test('a host that no renewer of its Traefik may certify', () => {
    const hosts = (zones: HostedZone[]) =>
      stackProblems((stack) => {
        const traefik = new SwarmTraefik(stack, 'traefik', { kvStore: KvStore.etcd({ endpoints: ['etcd:2379'] }) });
        declare({ traefik })(stack);
        // The renewer may come after the routes.
        traefik.certifiedIn(zones);
      });
    expect(hosts([HostedZone.of('example.com')])).toEqual([]);
    expect(hosts([HostedZone.of('example.org')])).toEqual([
      'ZONE-01 [edge/shop] in none of the zones example.org (shop.example.com). Add the zone that holds it to zones, or use a name below example.org',
    ]);
  });

  test('secrets for a user by name', () => {
    expect(problemsOf({ secrets: ['token'], user: 'app' })).toEqual([
      'SWARM-21 [edge/shop] files of secrets belong to a user by number, and not by name (app). Write the numbers of user and group, such as 1000:1000',
    ]);
  });

  test('an image that is not pinned', () => {
    expect(problemsOf({ image: 'shop:latest' })).toEqual([expect.stringMatching(/^IMAGE-01 \[edge\/shop\] /)]);
  });
});

describe('ROUTE-18: two routes with one rule and priority, of which either may answer', () => {
  const route = { host: ['a.example.com', 'b.example.com'], port: 8080 };
  const swapped = { host: ['b.example.com', 'a.example.com'], port: 8080 };
  const rival = (at: string, who: string) =>
    `ROUTE-18 [${at}] ${who} the same rule with other backends or middlewares, and which of the two answers is left to chance (Host(\`a.example.com\`) || Host(\`b.example.com\`)). Remove one of them, or give one a higher priority`;
  const two = (first: SwarmServiceProps['routes'][number], second: SwarmServiceProps['routes'][number]) =>
    stackProblems((stack) => {
      const traefik = new SwarmTraefik(stack, 'traefik');
      const image = 'registry.example.com/shop:1.4.2';
      new SwarmService(stack, 'z', { traefik, image, routes: [first] });
      new SwarmService(stack, 'a', { traefik, image, routes: [second] });
    });

  test('within one service', () => {
    expect(problemsOf({ routes: [route, { ...swapped, port: 9090 }] })).toEqual([
      rival('edge/shop', 'another route of it has'),
    ]);
  });

  test('of two services, and the later one is named', () => {
    expect(two(route, swapped)).toEqual([rival('edge/a', 'edge/z has')]);
  });

  test('but not where one has a priority', () => {
    expect(two(route, { ...swapped, priority: 100 })).toEqual([]);
  });
});
