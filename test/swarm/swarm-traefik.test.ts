import { Size } from 'cdk8s';
import { parse } from 'yaml';
import { KvStore } from '../../lib/model/kv-store';
import { HostedZone } from '../../lib/model/zone';
import { SharedCertVolume } from '../../lib/swarm/shared-cert-volume';
import type { SwarmStack } from '../../lib/swarm/swarm-stack';
import { SwarmTraefik, type SwarmTraefikProps } from '../../lib/swarm/swarm-traefik';
import { askArguments, ORACLE_TIMEOUT } from '../support/oracle';
import { stackProblems, writtenStack } from '../support/stacks';

const declare =
  (props: SwarmTraefikProps = {}) =>
  (stack: SwarmStack) =>
    new SwarmTraefik(stack, 'traefik', props);
const written = (props?: SwarmTraefikProps) => writtenStack(declare(props));
const serviceOf = (props?: SwarmTraefikProps) => written(props).stack.services.traefik;
const problemsOf = (props: SwarmTraefikProps) => stackProblems(declare(props));

test('what runs where nothing was said', () => {
  const { stack, files } = written();
  expect(Object.keys(files)).toEqual(['edge.stack.yml', 'edge/traefik.yml']);
  expect(parse(files['edge/traefik.yml'] ?? '')).toEqual({
    http: { middlewares: { hsts: { headers: { stsSeconds: 31_536_000 } } } },
    tls: { options: { default: { minVersion: 'VersionTLS12', sniStrict: true } } },
  });
  const { command, ...service } = stack.services.traefik;
  expect(service).toEqual({
    image: 'docker.io/library/traefik:v3.7.13',
    entrypoint: ['traefik'],
    environment: { GOMEMLIMIT: '460MiB' },
    user: '65532:65532',
    read_only: true,
    cap_drop: ['ALL'],
    configs: [{ source: 'traefik', target: '/etc/traefik/dynamic/edge.yml', mode: 0o444 }],
    networks: { webgateway: {}, 'docker-api': {} },
    ports: [
      { target: 8000, published: 80, protocol: 'tcp', mode: 'host' },
      { target: 8443, published: 443, protocol: 'tcp', mode: 'host' },
    ],
    volumes: [{ type: 'tmpfs', target: '/tmp', tmpfs: { size: 67_108_864 } }],
    healthcheck: {
      test: [
        ...['CMD', 'traefik', 'healthcheck', '--ping=true', '--ping.entryPoint=traefik'],
        '--entryPoints.traefik.address=:8080',
      ],
      interval: '5s',
      timeout: '5s',
      retries: 3,
      start_period: '15s',
    },
    stop_grace_period: '45s',
    deploy: {
      mode: 'global',
      resources: { limits: { memory: '512M' } },
      update_config: {
        ...{ parallelism: 1, delay: '10s', monitor: '30s' },
        ...{ order: 'stop-first', failure_action: 'rollback' },
      },
      rollback_config: {
        ...{ parallelism: 1, delay: '10s', monitor: '30s' },
        ...{ order: 'stop-first', failure_action: 'pause' },
      },
      restart_policy: { condition: 'any', delay: '2s' },
    },
  });
  expect(command).toEqual([
    ...['--global.checkNewVersion=false', '--global.sendAnonymousUsage=false'],
    ...['--log.level=INFO', '--log.format=json'],
    ...['--accessLog=true', '--accessLog.format=json', '--accessLog.fields.headers.defaultMode=drop'],
    ...['--ping=true', '--ping.entryPoint=traefik'],
    ...['--metrics.prometheus=true', '--metrics.prometheus.entryPoint=metrics'],
    '--core.strictTLSOptions=true',
    ...['--entryPoints.traefik.address=:8080', '--entryPoints.metrics.address=:9100'],
    ...['--entryPoints.web.address=:8000', '--entryPoints.web.asDefault=true'],
    '--entryPoints.web.http.redirections.entryPoint.to=:443',
    '--entryPoints.web.http.redirections.entryPoint.scheme=https',
    '--entryPoints.web.http.redirections.entryPoint.permanent=true',
    '--entryPoints.web.transport.lifeCycle.graceTimeOut=30s',
    '--entryPoints.web.http.aliasHeadersStrategy=delete',
    ...['--entryPoints.websecure.address=:8443', '--entryPoints.websecure.asDefault=true'],
    '--entryPoints.websecure.http.tls=true',
    '--entryPoints.websecure.http.middlewares=hsts@file',
    '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=30s',
    '--entryPoints.websecure.http.aliasHeadersStrategy=delete',
    ...['--providers.file.directory=/etc/traefik/dynamic', '--providers.file.watch=false'],
    '--providers.swarm.endpoint=tcp://traefik-socket-proxy:2375',
    '--providers.swarm.exposedByDefault=false',
    '--providers.swarm.network=edge_webgateway',
  ]);
});

test('every property shows', () => {
  const props: Required<SwarmTraefikProps> = {
    kvStore: KvStore.etcd({ endpoints: ['etcd.example.com:2379'] }),
    sharedCertificates: SharedCertVolume.external('certs'),
    version: '3.7.0',
    image: 'registry.example.com/traefik:3.7.0',
    placement: ['node.role == manager'],
    graceSeconds: 60,
    memoryLimit: Size.mebibytes(256),
    tls: { minVersion: '1.3', sniStrict: false, cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'] },
    hsts: { includeSubdomains: true },
    middlewares: { compress: { compress: {} } },
    secrets: ['users'],
    clientAddress: { by: 'proxy-protocol', trusted: ['10.0.0.0/8'] },
    logLevel: 'DEBUG',
    extraArguments: ['--tracing.otlp=true'],
    networks: ['monitoring'],
    socketProxyImage: 'registry.example.com/socket-proxy:1',
  };
  const { stack, files } = written(props);
  const { traefik } = stack.services;
  expect(traefik).toMatchObject({
    image: 'registry.example.com/traefik:3.7.0',
    entrypoint: ['/scripts/traefik.sh'],
    environment: { GOMEMLIMIT: '230MiB', RELOAD_DIR: '/etc/traefik/dynamic/certificates/served' },
    networks: { webgateway: {}, 'docker-api': {}, control: {}, monitoring: {} },
    stop_grace_period: '75s',
    secrets: [{ source: 'users', target: 'users', uid: '65532', gid: '65532', mode: 0o400 }],
    deploy: {
      placement: { constraints: ['node.role == manager'] },
      resources: { limits: { memory: '256M' } },
    },
  });
  expect(traefik.volumes[1]).toEqual({
    ...{ type: 'volume', source: 'certificates', target: '/etc/traefik/dynamic/certificates' },
    read_only: true,
  });
  expect(stack.volumes).toEqual({ certificates: { external: true, name: 'certs' } });
  expect(traefik.configs[1]).toEqual({ source: 'traefik-script', target: '/scripts/traefik.sh', mode: 0o555 });
  expect(files['edge/traefik-script.sh']).toMatch(/^#!\/bin\/sh\n/);
  expect(traefik.command).toEqual(
    expect.arrayContaining([
      '--log.level=DEBUG',
      '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=60s',
      '--entryPoints.websecure.proxyProtocol.trustedIPs=10.0.0.0/8',
      '--providers.etcd.endpoints=etcd.example.com:2379',
      '--providers.etcd.rootKey=traefik',
      '--tracing.otlp=true',
    ]),
  );
  // Traefik 3.7.0 does not know it, and would not start.
  expect(traefik.command).not.toContain('--core.strictTLSOptions=true');
  expect(parse(files['edge/traefik.yml'] ?? '')).toEqual({
    http: {
      middlewares: {
        hsts: { headers: { stsSeconds: 31_536_000, stsIncludeSubdomains: true } },
        compress: { compress: {} },
      },
    },
    tls: {
      options: {
        default: {
          minVersion: 'VersionTLS13',
          sniStrict: false,
          cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'],
        },
      },
    },
  });
  expect(stack.services['traefik-socket-proxy'].image).toBe('registry.example.com/socket-proxy:1');
});

test('the service of a SwarmTraefik is its default child', () => {
  writtenStack((stack) => {
    const traefik = new SwarmTraefik(stack, 'traefik');
    expect(traefik.node.defaultChild).toBe(traefik.service);
  });
});

test('middlewares are written to a file, which can hold what no store does, and which Traefik takes for a template', () => {
  const middlewares: SwarmTraefikProps['middlewares'] = {
    strip: { stripPrefixRegex: { regex: ['/a{1,3}'] } },
    page: { errors: { service: 'pages@swarm', statusRewrites: { '404': 200 } } },
    all: { chain: { middlewares: ['hsts', 'strip'] } },
    braces: { headers: { customResponseHeaders: { 'X-Text': '{{ env "HOME" }} {{{' } } },
  };
  const text = written({ middlewares }).files['edge/traefik.yml'] ?? '';
  expect(text).toContain(`X-Text: '{{"{{"}} env "HOME" }} {{"{{"}}{'`);
  expect(parse(text.replaceAll('{{"{{"}}', '{{')).http.middlewares).toMatchObject(middlewares);
});

test('without HSTS there is no middleware', () => {
  const { stack, files } = written({ hsts: false });
  expect(parse(files['edge/traefik.yml'] ?? '')).toEqual({
    tls: { options: { default: { minVersion: 'VersionTLS12', sniStrict: true } } },
  });
  expect(stack.services.traefik.command.join(' ')).not.toContain('hsts');
});

test('the socket of the managers is reached through a proxy that answers few questions, on a network of the two', () => {
  const { stack } = written();
  const proxy = stack.services['traefik-socket-proxy'];
  expect(stack.services.traefik.volumes).toEqual([expect.objectContaining({ type: 'tmpfs' })]);
  expect(proxy).toMatchObject({
    networks: { 'docker-api': {} },
    volumes: [{ type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock', read_only: true }],
    read_only: true,
    cap_drop: ['ALL'],
    deploy: { mode: 'global', placement: { constraints: ['node.role == manager'] } },
  });
  expect(proxy.ports).toBeUndefined();
  expect(stack.networks['docker-api']).toMatchObject({ internal: true, driver_opts: { encrypted: 'true' } });

  const allowed = (proxy.command as string[]).filter((argument) => argument.startsWith('-allow'));
  expect(allowed.map((argument) => argument.split('=')[0])).toEqual([
    ...['-allowfrom', '-allowGET', '-allowHEAD', '-allowhealthcheck'],
  ]);
  const readable = new RegExp(`^${allowed[1]?.replace('-allowGET=', '')}$`);
  for (const path of ['version', 'services', 'tasks', 'networks', 'nodes/2ivku8v2gvtg4btdz', '_ping']) {
    expect(`/v1.51/${path}`).toMatch(readable);
    expect(`/${path}`).toMatch(readable);
  }
  for (const path of [
    '/secrets',
    '/v1.51/configs',
    '/v1.51/containers/json',
    '/v1.51/swarm/unlockkey',
    '/v1.51/nodes',
  ]) {
    expect(path).not.toMatch(readable);
  }
});

test('secrets of a store are files that the script reads, never arguments', () => {
  const store = KvStore.consul({
    endpoint: 'consul.example.com:8501',
    token: 'consul-token',
    tls: { ca: 'consul-ca', client: { certificate: 'consul-cert', key: 'consul-key' } },
  });
  const { stack } = written({ kvStore: store });
  const { traefik } = stack.services;
  expect(traefik.entrypoint).toEqual(['/scripts/traefik.sh']);
  expect(traefik.environment.ARG_FILES).toBe('--providers.consul.token=@/run/secrets/consul-token');
  expect(traefik.command.slice(-5)).toEqual([
    '--providers.consul.endpoints=consul.example.com:8501',
    '--providers.consul.rootKey=traefik',
    '--providers.consul.tls.ca=/run/secrets/consul-ca',
    '--providers.consul.tls.cert=/run/secrets/consul-cert',
    '--providers.consul.tls.key=/run/secrets/consul-key',
  ]);
  expect(traefik.secrets).toEqual(
    ['consul-ca', 'consul-cert', 'consul-key', 'consul-token'].map((name) => ({
      ...{ source: name, target: name, uid: '65532', gid: '65532', mode: 0o400 },
    })),
  );
  expect(stack.secrets['consul-token']).toEqual({ external: true, name: 'consul-token' });
});

test('the API is there for the control network only, and only where somebody certifies', () => {
  expect(serviceOf().command.join(' ')).not.toContain('--api');
  const { stack, files } = writtenStack((edge) => {
    const traefik = new SwarmTraefik(edge, 'traefik');
    expect(traefik.certifiedIn([HostedZone.of('example.com')])).toBe('http://traefik:8081/api');
    expect(traefik.certifiedZones.map(({ name }) => name)).toEqual(['example.com']);
  });
  expect(stack.services.traefik.command).toEqual(
    expect.arrayContaining(['--api=true', '--api.insecure=false', '--entryPoints.api.address=:8081']),
  );
  expect(stack.services.traefik.networks).toHaveProperty('control');
  expect(stack.services.traefik.ports).toHaveLength(2);
  expect(parse(files['edge/traefik.yml'] ?? '').http.routers).toEqual({
    api: {
      entryPoints: ['api'],
      rule: 'PathPrefix(`/api`) && ClientIP(`10.213.0.0/24`)',
      service: 'api@internal',
    },
  });
});

test(
  'Traefik takes what it is told',
  () => {
    const commands = [
      serviceOf().command,
      serviceOf({ kvStore: KvStore.etcd({ endpoints: ['etcd:2379'], tls: {} }) }).command,
      serviceOf({ kvStore: KvStore.redis({ endpoint: 'redis:6379', database: 2 }) }).command,
      serviceOf({ kvStore: KvStore.zooKeeper({ endpoints: ['zookeeper:2181'] }) }).command,
    ];
    expect(askArguments(commands)).toEqual(commands.map(() => ({ ok: true })));
  },
  ORACLE_TIMEOUT,
);

describe('what is refused', () => {
  test('built-in ACME and what is set already', () => {
    expect(
      problemsOf({
        extraArguments: [
          '--certificatesResolvers.le.acme.email=ops@example.com',
          '--api.insecure=true',
          '--providers.docker=true',
        ],
      }),
    ).toEqual([
      'TRAEFIK-01 [edge/traefik] built-in ACME cannot work with several instances: each would keep certificates and challenges to itself (--certificatesResolvers.le.acme.email=ops@example.com). Declare a CertRenewer',
      'TRAEFIK-02 [edge/traefik] SwarmTraefik sets it itself: --api.insecure=false (--api.insecure=true). Use the property of SwarmTraefik that it follows from, or leave it out',
      'TRAEFIK-10 [edge/traefik] the provider has no permissions here (--providers.docker=true). Leave it out',
    ]);
  });

  test('too little memory, an image that is not pinned, a grace that is none', () => {
    expect(problemsOf({ memoryLimit: Size.mebibytes(32), image: 'traefik', graceSeconds: 0 })).toEqual([
      expect.stringMatching(/^IMAGE-01 \[edge\/traefik\] .*\(traefik\)/),
      'TRAEFIK-09 [edge/traefik] the limit is 64Mi at least (32Mi at most). Raise memoryLimit, or leave it out for 512Mi',
      expect.stringMatching(/^DRAIN-02 \[edge\/traefik\] drain\.graceSeconds is a whole number/),
    ]);
  });

  test('credentials that are no secrets of a swarm', () => {
    const store = KvStore.consul({
      endpoint: 'consul:8501',
      token: { secretName: 'consul', key: 'token' },
      tls: { client: 'consul-client' },
    });
    expect(problemsOf({ kvStore: store })).toEqual([
      'SWARM-15 [edge/traefik] a secret of a swarm holds one value and has no keys (token). Give the name of the secret alone',
      "SWARM-15 [edge/traefik] in a swarm, a certificate and its key are two secrets (tls.client). Write client: { certificate: 'client-certificate', key: 'client-key' }",
    ]);
  });

  test('a middleware that Traefik would not take', () => {
    expect(problemsOf({ middlewares: { slow: { rateLimit: { average: 'many' } } } as never })).toEqual([
      expect.stringMatching(/^KV-04 \[edge\/traefik\] /),
    ]);
  });

  test('a middleware that holds a secret, has the name of one that is there, or a name that lists can not hold', () => {
    const login = { basicAuth: { users: ['admin:$apr1$hash'] } };
    expect(problemsOf({ middlewares: { login, file: { basicAuth: { usersFile: '/run/secrets/users' } } } })).toEqual([
      expect.stringMatching(/^KV-12 \[edge\/traefik\] .*\(http\.middlewares\.login\.basicAuth\.users\)/),
    ]);
    expect(problemsOf({ middlewares: { hsts: { compress: {} }, 'a,b': { compress: {} } } })).toEqual([
      'SWARM-21 [edge/traefik] all requests pass the middleware of that name, which the property hsts makes (hsts). Give yours another name, or say hsts: false',
      'KV-06 [edge/traefik] not the name of a middleware: lists of them are divided by commas, and what follows @ is a provider (a,b). Use letters, digits, hyphens and dots, with a letter among them',
    ]);
    expect(problemsOf({ hsts: false, middlewares: { hsts: { compress: {} } } })).toEqual([]);
  });

  test('two on one node', () => {
    expect(
      stackProblems((stack) => {
        new SwarmTraefik(stack, 'one');
        new SwarmTraefik(stack, 'two');
      }).map((line) => line.split(' publishes')[0]),
    ).toEqual(['SWARM-09 [edge/two] edge/one', 'SWARM-09 [edge/two] edge/one']);
  });
});
