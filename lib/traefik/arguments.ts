import { KV_CREDENTIALS, kvVariable } from '../kv-access';
import { kvProviderArguments } from '../model/kv-provider';
import type { KvStore } from '../model/kv-store';
import type { Finding } from '../model/problem';
import { isPrintable } from '../model/text';
import type { ClientAddress } from './client-address';
import { addressOf, IN_PODS, type Listeners } from './entry-points';
import { knows, unknownOption } from './version';

/** What Traefik is told wherever it runs. */
export interface CommonConfiguration {
  readonly version: string;
  /** Whether challenges of HTTP-01 are let through the redirect. */
  readonly http01: boolean;
  readonly clientAddress?: ClientAddress;
  /** Where it listens; in a network of its own where that is not said. */
  readonly listeners?: Listeners;
  /** The middleware that every HTTPS route gets, with its provider. */
  readonly hsts?: string;
  readonly graceSeconds: number;
  readonly logLevel: string;
}

/** Everything that Traefik is told when it starts in a cluster. */
export interface StaticConfiguration extends Omit<CommonConfiguration, 'hsts'> {
  readonly namespace: string;
  readonly ingressClass: string;
  /** The namespaces that are read; undefined for all. */
  readonly readable?: readonly string[];
  /** A store that is read beside the cluster. */
  readonly kvStore?: KvStore;
  /** The middleware in the same namespace that every HTTPS route gets. */
  readonly hstsMiddleware?: string;
  readonly extra: readonly string[];
}

/**
 * The arguments for `configuration`, fitted to its version. Read top to bottom: what it says of itself, where it
 * listens, what it reads.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/install-configuration/configuration-options/
 */
export function traefikArguments(configuration: StaticConfiguration): string[] {
  return [...ownArguments(configuration), ...configuration.extra];
}

function ownArguments(configuration: StaticConfiguration): string[] {
  const { version, namespace, hstsMiddleware } = configuration;
  const hsts = hstsMiddleware && middlewareReference(version, namespace, hstsMiddleware);
  return [
    ...commonArguments({ ...configuration, hsts }),
    ...providerArguments(configuration),
    ...(configuration.kvStore ? kvProviderArguments(configuration.kvStore, KV_PLACES) : []),
  ];
}

/** Kubernetes puts the value of a variable where `$(…)` stands, so that no manifest holds it. */
const KV_PLACES = {
  credential: (name: Parameters<typeof kvVariable>[0]) => `$(${kvVariable(name)})`,
  file: (name: string) => `${KV_CREDENTIALS}/${name}`,
};

/** The arguments that do not depend on where Traefik runs: all but those of its providers. */
export function commonArguments(configuration: CommonConfiguration): string[] {
  const { version, logLevel } = configuration;
  return [
    '--global.checkNewVersion=false',
    '--global.sendAnonymousUsage=false',
    `--log.level=${logLevel}`,
    '--log.format=json',
    '--accessLog=true',
    '--accessLog.format=json',
    // Headers carry cookies and tokens.
    '--accessLog.fields.headers.defaultMode=drop',
    '--ping=true',
    '--ping.entryPoint=traefik',
    '--metrics.prometheus=true',
    '--metrics.prometheus.entryPoint=metrics',
    // Two TLSOptions for one host switch the routes off instead of silently dropping client authentication.
    ...(knows(version, 'strictTLSOptions') ? ['--core.strictTLSOptions=true'] : []),
    ...entryPointArguments(configuration),
  ];
}

function entryPointArguments(configuration: CommonConfiguration): string[] {
  const { http01, hsts, listeners = IN_PODS } = configuration;
  return [
    `--entryPoints.traefik.address=${addressOf(listeners.traefik)}`,
    `--entryPoints.metrics.address=${addressOf(listeners.metrics)}`,
    `--entryPoints.web.address=${addressOf(listeners.web)}`,
    // Routes that name no entry point are kept off the metrics port.
    '--entryPoints.web.asDefault=true',
    // The port that clients see, not the one that the container listens on.
    '--entryPoints.web.http.redirections.entryPoint.to=:443',
    '--entryPoints.web.http.redirections.entryPoint.scheme=https',
    '--entryPoints.web.http.redirections.entryPoint.permanent=true',
    ...(http01 ? ['--entryPoints.web.allowACMEByPass=true'] : []),
    ...publicEntryPoint('web', configuration),
    `--entryPoints.websecure.address=${addressOf(listeners.websecure)}`,
    '--entryPoints.websecure.asDefault=true',
    '--entryPoints.websecure.http.tls=true',
    ...(hsts ? [`--entryPoints.websecure.http.middlewares=${hsts}`] : []),
    ...publicEntryPoint('websecure', configuration),
  ];
}

function publicEntryPoint(name: string, { version, clientAddress, graceSeconds }: CommonConfiguration): string[] {
  const point = `--entryPoints.${name}`;
  const trusted = clientAddress && clientAddress.by !== 'packet' ? clientAddress.trusted.join(',') : '';
  return [
    `${point}.transport.lifeCycle.graceTimeOut=${graceSeconds}s`,
    ...(clientAddress?.by === 'proxy-protocol' ? [`${point}.proxyProtocol.trustedIPs=${trusted}`] : []),
    ...(clientAddress?.by === 'forwarded-headers' ? [`${point}.forwardedHeaders.trustedIPs=${trusted}`] : []),
    // X_Forwarded_For must not pass for X-Forwarded-For behind backends that fold the two.
    ...(knows(version, 'aliasHeadersStrategy')
      ? [`${point}.http.aliasHeadersStrategy=delete`]
      : knows(version, 'underscoreHeadersStrategy')
        ? [`${point}.http.underscoreHeadersStrategy=delete`]
        : []),
  ];
}

function providerArguments({ version, namespace, ingressClass, readable, http01 }: StaticConfiguration): string[] {
  const crd = '--providers.kubernetescrd';
  const ingress = '--providers.kubernetesingress';
  const restricted = knows(version, 'crossProviderNamespaces');
  return [
    `${crd}=true`,
    `${crd}.ingressClass=${ingressClass}`,
    ...(readable ? [`${crd}.namespaces=${readable.join(',')}`] : []),
    // A route whose pods are gone answers 503, not 404.
    `${crd}.allowEmptyServices=true`,
    // Nodes are not read, so no permission on them is needed.
    `${crd}.disableClusterScopeResources=true`,
    ...(restricted ? [`${crd}.crossProviderNamespaces=${namespace}`] : []),
    ...(knows(version, 'defaultTLSResourcesNamespace') ? [`${crd}.defaultTLSResourcesNamespace=${namespace}`] : []),
    ...(knows(version, 'safeNaming') ? [`${crd}.safeNaming=true`] : []),
    ...(http01
      ? [
          `${ingress}=true`,
          `${ingress}.ingressClass=${ingressClass}`,
          ...(readable ? [`${ingress}.namespaces=${readable.join(',')}`] : []),
          ...(restricted ? [`${ingress}.crossProviderNamespaces=${namespace}`] : []),
        ]
      : []),
  ];
}

function middlewareReference(version: string, namespace: string, name: string): string {
  const separator = knows(version, 'safeNaming') ? '_' : '-';
  return `${namespace}${separator}${name}@kubernetescrd`;
}

/** The sections of Traefik's static configuration that an argument can begin with. */
const SECTIONS = [
  'accesslog',
  'api',
  'certificatesresolvers',
  'core',
  'entrypoints',
  'experimental',
  'global',
  'hostresolver',
  'log',
  'metrics',
  'ocsp',
  'ping',
  'providers',
  'serverstransport',
  'spiffe',
  'tcpserverstransport',
  'tracing',
];

/** Who starts Traefik, as far as its extra arguments are concerned. */
export interface ArgumentOwner {
  /** The construct that sets the rest. */
  readonly name: string;
  readonly version: string;
  /** All that it may set itself. */
  readonly own: readonly string[];
  /** What to declare in the place of built-in ACME. */
  readonly acme: string;
  /** The providers that it may reach, by the names of their sections. */
  readonly providers: readonly string[];
}

/** {@link argumentFindings} of a Traefik in a cluster. */
export function extraArgumentFindings(configuration: StaticConfiguration): Finding[] {
  return argumentFindings(configuration.extra, {
    name: 'TraefikHA',
    version: configuration.version,
    own: withEveryOption(configuration.clientAddress, (clientAddress) =>
      ownArguments({ ...configuration, http01: true, clientAddress }),
    ),
    acme: 'Declare a CertManagerIssuer and give it to IngressRouteWithTls',
    providers: ['kubernetescrd', 'kubernetesingress'],
  });
}

/** The arguments of both ways to know the client's address: what is set by the one is taken in the other, too. */
export function withEveryOption(
  clientAddress: ClientAddress | undefined,
  argumentsOf: (clientAddress: ClientAddress | undefined) => string[],
): string[] {
  return [clientAddress, { by: 'proxy-protocol', trusted: [] } as const].flatMap(argumentsOf);
}

/**
 * What is wrong with extra arguments: TRAEFIK-01 built-in ACME, TRAEFIK-02 what the construct sets itself,
 * LB-04 trust in every client, TRAEFIK-10 what undoes a promise, TRAEFIK-03 not of the form `--name=value`, TRAEFIK-04 newer than the version, TRAEFIK-05 no section of Traefik's.
 * An unknown one keeps Traefik from starting, so what can be known is looked at here.
 */
export function argumentFindings(extra: readonly string[], owner: ArgumentOwner): Finding[] {
  const own = new Map(owner.own.map((argument) => [nameOfArgument(argument), argument]));
  const seen = new Set<string>();
  return extra.flatMap((argument): Finding[] => {
    const finding = extraArgumentFinding(argument, own, seen, owner);
    seen.add(nameOfArgument(argument));
    return finding ? [finding] : [];
  });
}

function extraArgumentFinding(
  argument: string,
  own: ReadonlyMap<string, string>,
  seen: ReadonlySet<string>,
  owner: ArgumentOwner,
): Finding | undefined {
  const { version } = owner;
  const name = nameOfArgument(argument);
  if (!/^--[a-zA-Z][\w.[\]-]*(=.*)?$/.test(argument) || !isPrintable(argument)) {
    return {
      code: 'TRAEFIK-03',
      value: argument,
      message: 'not an argument of the form --name=value',
      fix: 'Write one argument for each element, such as --tracing.otlp=true',
    };
  }
  const section = name.slice(2).split('.')[0] ?? '';
  if (section === 'certificatesresolvers') {
    return {
      code: 'TRAEFIK-01',
      value: argument,
      message:
        'built-in ACME cannot work with several instances: each would keep certificates and challenges to itself',
      fix: owner.acme,
    };
  }
  if (!SECTIONS.includes(section)) {
    return {
      code: 'TRAEFIK-05',
      value: argument,
      message: `Traefik ${version} has no section ${section}, and would not start`,
      fix: `Use one of ${SECTIONS.filter((known) => known !== 'certificatesresolvers').join(', ')}`,
    };
  }
  const taken = own.get(name.replace(/\[\d+\]$/, '')) ?? (seen.has(name) ? argument : undefined);
  if (taken !== undefined) {
    return {
      code: 'TRAEFIK-02',
      value: argument,
      message: seen.has(name) ? 'the argument is given twice' : `${owner.name} sets it itself: ${taken}`,
      fix: seen.has(name)
        ? 'Keep one of them'
        : `Use the property of ${owner.name} that it follows from, or leave it out`,
    };
  }
  if (/\.(forwardedheaders|proxyprotocol)\.insecure$/.test(name) && !/=false$/i.test(argument)) {
    return everyone(argument);
  }
  if (/\.trustedips$/.test(name) && /[=,][^,]*\/0+(,|$)/.test(argument)) return everyone(argument);
  const option = unknownOption(version, argument);
  if (option !== undefined) {
    return {
      code: 'TRAEFIK-04',
      value: argument,
      message: `Traefik ${version} does not know ${option}, and would not start`,
      fix: 'Leave it out, or use a newer version',
    };
  }
  const undone = UNDONE.find(([pattern]) => pattern.test(name))?.[1] ?? unreachable(name, owner);
  return undone ? { code: 'TRAEFIK-10', value: argument, message: undone, fix: 'Leave it out' } : undefined;
}

/** Options that would undo what is promised, and why. */
const UNDONE: readonly (readonly [RegExp, string])[] = [
  [/\.requestacceptgracetimeout$/, 'the time until the kill is computed without it, so requests would be cut'],
  [/\.allowcrossnamespace$/, 'routes could then use Secrets and middlewares of other teams'],
  [/\.certresolver$/, 'built-in ACME cannot work with several instances'],
];

/** Why the provider that an argument called `name` is for gets nothing. */
function unreachable(name: string, { providers }: ArgumentOwner): string | undefined {
  const provider = /^--providers\.([^.]*)/.exec(name)?.[1];
  if (provider === undefined || [...providers, 'providersthrottleduration', 'precedence'].includes(provider)) {
    return undefined;
  }
  return 'the provider has no permissions here';
}

function everyone(argument: string): Finding {
  return {
    code: 'LB-04',
    value: argument,
    message: 'everyone is trusted, so any client could write whose address it likes',
    fix: 'Say clientAddress of the load balancer, with the networks that it sends from',
  };
}

/** Traefik reads the names of arguments in any case. */
function nameOfArgument(argument: string): string {
  return argument.split('=')[0]?.toLowerCase() ?? '';
}
