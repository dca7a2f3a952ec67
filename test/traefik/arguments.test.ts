import { Testing } from 'cdk8s';
import { TraefikHaError } from '../../lib/model/problem';
import { extraArgumentFindings, type StaticConfiguration, traefikArguments } from '../../lib/traefik/arguments';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { edgeChart } from '../support/edge';
import { askArguments, ORACLE_TIMEOUT } from '../support/oracle';

const BASE: StaticConfiguration = {
  version: '3.7.13',
  namespace: 'edge',
  ingressClass: 'traefik',
  http01: false,
  hstsMiddleware: 'traefik-hsts',
  graceSeconds: 30,
  logLevel: 'INFO',
  extra: [],
};

const argumentsOf = (change: Partial<StaticConfiguration> = {}) => traefikArguments({ ...BASE, ...change });
const codesOf = (extra: string[], change: Partial<StaticConfiguration> = {}) =>
  extraArgumentFindings({ ...BASE, ...change, extra }).map(({ code }) => code);

test('what Traefik is told where nothing was said', () => {
  expect(argumentsOf()).toEqual([
    '--global.checkNewVersion=false',
    '--global.sendAnonymousUsage=false',
    '--log.level=INFO',
    '--log.format=json',
    '--accessLog=true',
    '--accessLog.format=json',
    '--accessLog.fields.headers.defaultMode=drop',
    '--ping=true',
    '--ping.entryPoint=traefik',
    '--metrics.prometheus=true',
    '--metrics.prometheus.entryPoint=metrics',
    '--core.strictTLSOptions=true',
    '--entryPoints.traefik.address=:8080',
    '--entryPoints.metrics.address=:9100',
    '--entryPoints.web.address=:8000',
    '--entryPoints.web.asDefault=true',
    '--entryPoints.web.http.redirections.entryPoint.to=:443',
    '--entryPoints.web.http.redirections.entryPoint.scheme=https',
    '--entryPoints.web.http.redirections.entryPoint.permanent=true',
    '--entryPoints.web.transport.lifeCycle.graceTimeOut=30s',
    '--entryPoints.web.http.aliasHeadersStrategy=delete',
    '--entryPoints.websecure.address=:8443',
    '--entryPoints.websecure.asDefault=true',
    '--entryPoints.websecure.http.tls=true',
    '--entryPoints.websecure.http.middlewares=edge_traefik-hsts@kubernetescrd',
    '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=30s',
    '--entryPoints.websecure.http.aliasHeadersStrategy=delete',
    '--providers.kubernetescrd=true',
    '--providers.kubernetescrd.ingressClass=traefik',
    '--providers.kubernetescrd.allowEmptyServices=true',
    '--providers.kubernetescrd.disableClusterScopeResources=true',
    '--providers.kubernetescrd.crossProviderNamespaces=edge',
    '--providers.kubernetescrd.defaultTLSResourcesNamespace=edge',
    '--providers.kubernetescrd.safeNaming=true',
  ]);
});

describe('each version is told what it knows, and nothing that would keep it from starting', () => {
  const CROSS = ['--providers.kubernetescrd.crossProviderNamespaces=edge'];
  const underscores = ['web', 'websecure'].map((name) => `--entryPoints.${name}.http.underscoreHeadersStrategy=delete`);
  const aliases = ['web', 'websecure'].map((name) => `--entryPoints.${name}.http.aliasHeadersStrategy=delete`);
  const SINCE_11 = [
    '--core.strictTLSOptions=true',
    '--providers.kubernetescrd.defaultTLSResourcesNamespace=edge',
    '--providers.kubernetescrd.safeNaming=true',
  ];
  const hsts = (reference: string) => `--entryPoints.websecure.http.middlewares=${reference}@kubernetescrd`;
  const OLD = hsts('edge-traefik-hsts');
  const NEW = hsts('edge_traefik-hsts');

  test.each([
    ['3.7.0', [OLD]],
    ['3.7.1', [OLD, ...CROSS]],
    ['3.7.5', [OLD, ...CROSS]],
    ['3.7.6', [OLD, ...CROSS, ...underscores]],
    ['3.7.10', [OLD, ...CROSS, ...underscores]],
    ['3.7.11', [NEW, ...CROSS, ...underscores, ...SINCE_11]],
    ['3.7.12', [NEW, ...CROSS, ...aliases, ...SINCE_11]],
    ['3.7.13', [NEW, ...CROSS, ...aliases, ...SINCE_11]],
  ])('%s', (version, expected) => {
    const versioned = [OLD, NEW, ...CROSS, ...underscores, ...aliases, ...SINCE_11];
    const all = argumentsOf({ version });
    expect(all.filter((argument) => versioned.includes(argument)).sort()).toEqual([...expected].sort());
    // All others are the same for every version.
    const others = (list: string[]) => list.filter((argument) => !versioned.includes(argument));
    expect(others(all)).toEqual(others(argumentsOf()));
  });
});

test('Ingresses are read, restricted alike, and let through the redirect only for HTTP-01', () => {
  const without = argumentsOf();
  expect(argumentsOf({ http01: true }).filter((argument) => !without.includes(argument))).toEqual([
    '--entryPoints.web.allowACMEByPass=true',
    '--providers.kubernetesingress=true',
    '--providers.kubernetesingress.ingressClass=traefik',
    '--providers.kubernetesingress.crossProviderNamespaces=edge',
  ]);
});

test.each([
  [{ by: 'proxy-protocol', trusted: ['10.0.0.0/16', '2001:db8::/32'] }, 'proxyProtocol'],
  [{ by: 'forwarded-headers', trusted: ['10.0.0.0/16', '2001:db8::/32'] }, 'forwardedHeaders'],
] as const)('%j is believed at both public entry points, and nowhere else', (clientAddress, option) => {
  const without = argumentsOf();
  expect(argumentsOf({ clientAddress }).filter((argument) => !without.includes(argument))).toEqual([
    `--entryPoints.web.${option}.trustedIPs=10.0.0.0/16,2001:db8::/32`,
    `--entryPoints.websecure.${option}.trustedIPs=10.0.0.0/16,2001:db8::/32`,
  ]);
});

test('addresses of packets need nobody to be believed', () => {
  expect(argumentsOf({ clientAddress: { by: 'packet' } })).toEqual(argumentsOf());
});

test('without HSTS nothing is attached to the entry point', () => {
  const without = argumentsOf({ hstsMiddleware: undefined });
  expect(argumentsOf().filter((argument) => !without.includes(argument))).toEqual([
    '--entryPoints.websecure.http.middlewares=edge_traefik-hsts@kubernetescrd',
  ]);
});

test('no header gets into the access log', () => {
  const headers = argumentsOf().filter((argument) => argument.startsWith('--accessLog.fields.headers'));
  expect(headers).toEqual(['--accessLog.fields.headers.defaultMode=drop']);
});

test('extra arguments come last, as they are', () => {
  expect(argumentsOf({ extra: ['--tracing.otlp=true'] })).toEqual([...argumentsOf(), '--tracing.otlp=true']);
});

test(
  'Traefik starts with the arguments for every version and shape',
  () => {
    const trusted = ['10.0.0.0/16'];
    const lists = ['3.7.0', '3.7.1', '3.7.6', '3.7.11', '3.7.13'].flatMap((version) => [
      argumentsOf({ version }),
      argumentsOf({ version, http01: true, clientAddress: { by: 'proxy-protocol', trusted } }),
      argumentsOf({ version, hstsMiddleware: undefined, clientAddress: { by: 'forwarded-headers', trusted } }),
    ]);
    expect(askArguments(lists)).toEqual(lists.map(() => ({ ok: true })));
  },
  ORACLE_TIMEOUT,
);

describe('extra arguments', () => {
  test('each that cannot work is refused by what is wrong with it', () => {
    const chart = edgeChart();
    new TraefikHA(chart, 'traefik', {
      version: '3.7.5',
      extraArguments: [
        '--certificatesResolvers.le.acme.email=ops@example.com',
        '--LOG.level=DEBUG',
        '--tracing.otlp=true',
        '--tracing.otlp=true',
        'tracing.otlp=true',
        '--core.strictTLSOptions=true',
        '--dashboard=true',
      ],
    });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'TRAEFIK-01',
          at: 'edge/traefik',
          value: '--certificatesResolvers.le.acme.email=ops@example.com',
          message:
            'built-in ACME cannot work with several instances: each would keep certificates and challenges to itself',
          fix: 'Declare a CertManagerIssuer and give it to IngressRouteWithTls',
        },
        {
          code: 'TRAEFIK-02',
          at: 'edge/traefik',
          value: '--LOG.level=DEBUG',
          message: 'TraefikHA sets it itself: --log.level=INFO',
          fix: 'Use the property of TraefikHA that it follows from, or leave it out',
        },
        {
          code: 'TRAEFIK-02',
          at: 'edge/traefik',
          value: '--tracing.otlp=true',
          message: 'the argument is given twice',
          fix: 'Keep one of them',
        },
        {
          code: 'TRAEFIK-03',
          at: 'edge/traefik',
          value: 'tracing.otlp=true',
          message: 'not an argument of the form --name=value',
          fix: 'Write one argument for each element, such as --tracing.otlp=true',
        },
        {
          code: 'TRAEFIK-04',
          at: 'edge/traefik',
          value: '--core.strictTLSOptions=true',
          message: 'Traefik 3.7.5 does not know strictTLSOptions, and would not start',
          fix: 'Leave it out, or use a newer version',
        },
        {
          code: 'TRAEFIK-05',
          at: 'edge/traefik',
          value: '--dashboard=true',
          message: 'Traefik 3.7.5 has no section dashboard, and would not start',
          fix:
            'Use one of accesslog, api, core, entrypoints, experimental, global, hostresolver, log, metrics, ocsp, ping, ' +
            'providers, serverstransport, spiffe, tcpserverstransport, tracing',
        },
      ]),
    );
  });

  test.each([
    '--api.dashboard=true',
    '--entryPoints.websecure.http3=true',
    '--entryPoints.web.transport.respondingTimeouts.readTimeout=60s',
    '--experimental.plugins.demo.moduleName=github.com/traefik/plugindemo',
    '--serversTransport.insecureSkipVerify',
    '--tracing.otlp.http.headers.X-Tenant=a=b',
  ])('%s is passed on', (argument) => {
    expect(codesOf([argument])).toEqual([]);
  });

  test.each(['--', '--=true', '-ping', '--log level=INFO', '--tracing.otlp --ping=true', '--api.basePath=/a\n'])(
    '%s is not of the form',
    (argument) => {
      expect(codesOf([argument])).toEqual(['TRAEFIK-03']);
    },
  );

  test('what is set for one way to see the client cannot be set beside it', () => {
    const extra = ['--entryPoints.web.forwardedHeaders.trustedIPs=0.0.0.0/0'];
    expect(codesOf(extra, { clientAddress: { by: 'forwarded-headers', trusted: ['10.0.0.0/8'] } })).toEqual([
      'TRAEFIK-02',
    ]);
    expect(codesOf(['--entryPoints.websecure.proxyProtocol.trustedIPs=0.0.0.0/0'])).toEqual(['TRAEFIK-02']);
  });

  test('what is set for HTTP-01 cannot be set, since a later route may need it', () => {
    expect(codesOf(['--entryPoints.web.allowACMEByPass=false', '--providers.kubernetesIngress=true'])).toEqual([
      'TRAEFIK-02',
      'TRAEFIK-02',
    ]);
  });

  test('an index does not hide a list that is set already', () => {
    expect(codesOf(['--entryPoints.websecure.http.middlewares[0]=edge-other@kubernetescrd'])).toEqual(['TRAEFIK-02']);
    expect(
      codesOf(
        ['--entryPoints.websecure.http.middlewares[0]=a@file', '--entryPoints.websecure.http.middlewares[1]=b@file'],
        {
          hstsMiddleware: undefined,
        },
      ),
    ).toEqual([]);
  });

  test('an option is refused where its version does not know it, whatever the provider', () => {
    const extra = ['--providers.kubernetesgateway.crossProviderNamespaces=edge'];
    expect(codesOf(extra, { version: '3.7.0' })).toEqual(['TRAEFIK-04']);
    expect(codesOf(extra, { version: '3.7.1' })).toEqual(['TRAEFIK-10']);
  });
});

test('an extra argument that has every client believed is refused', () => {
  expect(extraArgumentFindings({ ...BASE, extra: ['--entryPoints.web.forwardedHeaders.insecure=true'] })).toEqual([
    {
      code: 'LB-04',
      value: '--entryPoints.web.forwardedHeaders.insecure=true',
      message: 'everyone is trusted, so any client could write whose address it likes',
      fix: 'Say clientAddress of the load balancer, with the networks that it sends from',
    },
  ]);
  expect(codesOf(['--entryPoints.websecure.proxyProtocol.insecure'])).toEqual(['LB-04']);
  expect(codesOf(['--entryPoints.web.forwardedHeaders.insecure=false'])).toEqual([]);
});

test('an extra argument that undoes a promise is refused', () => {
  expect(extraArgumentFindings({ ...BASE, extra: ['--providers.kubernetescrd.allowCrossNamespace=true'] })).toEqual([
    {
      code: 'TRAEFIK-10',
      value: '--providers.kubernetescrd.allowCrossNamespace=true',
      message: 'routes could then use Secrets and middlewares of other teams',
      fix: 'Leave it out',
    },
  ]);
  expect(
    codesOf([
      '--entryPoints.web.transport.lifeCycle.requestAcceptGraceTimeout=100s',
      '--entryPoints.websecure.http.tls.certResolver=le',
      '--providers.kubernetesgateway=true',
    ]),
  ).toEqual(['TRAEFIK-10', 'TRAEFIK-10', 'TRAEFIK-10']);
  expect(codesOf(['--entryPoints.web.forwardedHeaders.trustedIPs=10.0.0.0/8,0.0.0.0/0'])).toEqual(['LB-04']);
  expect(codesOf(['--providers.providersThrottleDuration=1s'])).toEqual([]);
});
