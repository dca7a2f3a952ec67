import {
  choice,
  dictionary,
  duration,
  flag,
  list,
  named,
  oneOf,
  perhapsEmpty,
  secret,
  struct,
  structWith,
  text,
  type Value,
  whole,
} from './schema';

/*
 * Traefik's dynamic configuration under its own names, as providers of key-value stores read it. What no store can hold
 * (Kubernetes' own middlewares), and what was renamed long ago (`ipWhiteList`), is not here.
 */

const domain = structWith({ main: text }, { sans: list(text) });

const tlsVersion = oneOf('VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13');

/** PEM text, or a path that every Traefik has. */
const certificate = structWith({ certFile: text, keyFile: secret }, {});

const sticky = struct({
  cookie: perhapsEmpty(
    struct({
      name: text,
      secure: flag,
      httpOnly: flag,
      sameSite: oneOf('none', 'lax', 'strict'),
      /** In seconds. */
      maxAge: whole,
      path: text,
      domain: text,
    }),
  ),
});

const httpRouter = structWith(
  {
    /** In Traefik's language, such as ``Host(`www.example.com`)``. */
    rule: text,
    /** Of this configuration, or `name@provider`. */
    service: text,
  },
  {
    entryPoints: list(text),
    middlewares: list(text),
    ruleSyntax: oneOf('v3', 'v2'),
    priority: whole,
    tls: perhapsEmpty(struct({ options: text, certResolver: text, domains: list(domain) })),
    observability: struct({
      accessLogs: flag,
      metrics: flag,
      tracing: flag,
      traceVerbosity: oneOf('minimal', 'detailed'),
    }),
  },
);

const healthCheck = structWith(
  { path: text },
  {
    scheme: oneOf('http', 'https'),
    mode: oneOf('http', 'grpc'),
    method: text,
    status: whole,
    port: whole,
    interval: duration,
    unhealthyInterval: duration,
    timeout: duration,
    hostname: text,
    followRedirects: flag,
    headers: dictionary(text),
  },
);

const present = perhapsEmpty(struct({}));
const weighed = structWith({ name: text }, { weight: whole });

const httpService = choice({
  loadBalancer: struct({
    servers: list(structWith({ url: text }, { weight: whole, preservePath: flag })),
    sticky: perhapsEmpty(sticky),
    strategy: oneOf('wrr', 'p2c', 'hrw', 'leasttime'),
    healthCheck,
    passiveHealthCheck: struct({ failureWindow: duration, maxFailedAttempts: whole }),
    passHostHeader: flag,
    responseForwarding: struct({ flushInterval: duration }),
    serversTransport: text,
  }),
  weighted: structWith({ services: list(weighed) }, { sticky, healthCheck: present }),
  highestRandomWeight: structWith({ services: list(weighed) }, { healthCheck: present }),
  mirroring: structWith(
    { service: text },
    {
      mirrorBody: flag,
      /** In bytes; -1 for any size. */
      maxBodySize: whole,
      mirrors: list(structWith({ name: text }, { percent: whole })),
      healthCheck: present,
    },
  ),
  failover: structWith(
    { service: text, fallback: text },
    { errors: struct({ maxRequestBodyBytes: whole, status: list(text) }) },
  ),
});

const ipStrategy = { depth: whole, excludedIPs: list(text), ipv6Subnet: whole };
const sourceCriterion = struct({ ipStrategy: struct(ipStrategy), requestHeaderName: text, requestHost: flag });
const clientTls = { ca: text, cert: text, key: secret, insecureSkipVerify: flag };

const encodedCharacters = struct({
  allowEncodedSlash: flag,
  allowEncodedBackSlash: flag,
  allowEncodedNullCharacter: flag,
  allowEncodedSemicolon: flag,
  allowEncodedPercent: flag,
  allowEncodedQuestionMark: flag,
  allowEncodedHash: flag,
});

const headers = struct({
  customRequestHeaders: dictionary(text),
  customResponseHeaders: dictionary(text),
  accessControlAllowCredentials: flag,
  accessControlAllowHeaders: list(text),
  accessControlAllowMethods: list(text),
  accessControlAllowOriginList: list(text),
  accessControlAllowOriginListRegex: list(text),
  accessControlExposeHeaders: list(text),
  /** In seconds. */
  accessControlMaxAge: whole,
  addVaryHeader: flag,
  allowedHosts: list(text),
  hostsProxyHeaders: list(text),
  sslProxyHeaders: dictionary(text),
  stsSeconds: whole,
  stsIncludeSubdomains: flag,
  stsPreload: flag,
  forceSTSHeader: flag,
  frameDeny: flag,
  customFrameOptionsValue: text,
  contentTypeNosniff: flag,
  browserXssFilter: flag,
  customBrowserXSSValue: text,
  contentSecurityPolicy: text,
  contentSecurityPolicyReportOnly: text,
  publicKey: text,
  referrerPolicy: text,
  permissionsPolicy: text,
  isDevelopment: flag,
});

const subject = {
  country: flag,
  province: flag,
  locality: flag,
  organization: flag,
  commonName: flag,
  serialNumber: flag,
  domainComponent: flag,
};

const authentication = { users: list(secret), usersFile: text, realm: text, removeHeader: flag, headerField: text };

const httpMiddleware = choice({
  addPrefix: structWith({ prefix: text }, {}),
  stripPrefix: structWith({ prefixes: list(text) }, {}),
  stripPrefixRegex: structWith({ regex: list(text) }, {}),
  replacePath: structWith({ path: text }, {}),
  replacePathRegex: structWith({ regex: text, replacement: text }, {}),
  chain: structWith({ middlewares: list(text) }, {}),
  ipAllowList: structWith(
    { sourceRange: list(text) },
    { ipStrategy: perhapsEmpty(struct(ipStrategy)), rejectStatusCode: whole },
  ),
  headers,
  encodedCharacters,
  errors: structWith(
    { service: text },
    { status: list(text), statusRewrites: dictionary(whole), query: text, errorRequestHeaders: list(text) },
  ),
  rateLimit: struct({
    average: whole,
    period: duration,
    burst: whole,
    sourceCriterion,
    redis: structWith(
      { endpoints: list(text) },
      {
        tls: struct(clientTls),
        username: text,
        password: secret,
        db: whole,
        poolSize: whole,
        minIdleConns: whole,
        maxActiveConns: whole,
        readTimeout: duration,
        writeTimeout: duration,
        dialTimeout: duration,
      },
    ),
  }),
  redirectRegex: structWith({ regex: text, replacement: text }, { permanent: flag }),
  redirectScheme: structWith({ scheme: text }, { port: text, permanent: flag }),
  basicAuth: struct(authentication),
  digestAuth: struct(authentication),
  forwardAuth: structWith(
    { address: text },
    {
      tls: struct(clientTls),
      trustForwardHeader: flag,
      authResponseHeaders: list(text),
      authResponseHeadersRegex: text,
      authRequestHeaders: list(text),
      maxResponseBodySize: whole,
      addAuthCookiesToResponse: list(text),
      headerField: text,
      forwardBody: flag,
      maxBodySize: whole,
      preserveLocationHeader: flag,
      preserveRequestMethod: flag,
      authSigninURL: text,
    },
  ),
  inFlightReq: structWith({ amount: whole }, { sourceCriterion }),
  buffering: struct({
    maxRequestBodyBytes: whole,
    memRequestBodyBytes: whole,
    maxResponseBodyBytes: whole,
    memResponseBodyBytes: whole,
    retryExpression: text,
  }),
  circuitBreaker: structWith(
    { expression: text },
    { checkPeriod: duration, fallbackDuration: duration, recoveryDuration: duration, responseCode: whole },
  ),
  compress: perhapsEmpty(
    struct({
      excludedContentTypes: list(text),
      includedContentTypes: list(text),
      minResponseBodyBytes: whole,
      encodings: list(oneOf('zstd', 'br', 'gzip')),
      defaultEncoding: text,
    }),
  ),
  passTLSClientCert: struct({
    pem: flag,
    info: struct({
      notAfter: flag,
      notBefore: flag,
      sans: flag,
      serialNumber: flag,
      subject: struct({ ...subject, organizationalUnit: flag }),
      issuer: struct(subject),
    }),
  }),
  retry: structWith(
    { attempts: whole },
    {
      timeout: duration,
      initialInterval: duration,
      maxRequestBodyBytes: whole,
      status: list(text),
      disableRetryOnNetworkError: flag,
      retryNonIdempotentMethod: flag,
    },
  ),
  contentType: present,
  grpcWeb: structWith({ allowOrigins: list(text) }, {}),
});

const spiffe = { ids: list(text), trustDomain: text };

const httpTransport = struct({
  serverName: text,
  insecureSkipVerify: flag,
  rootCAs: list(text),
  certificates: list(certificate),
  cipherSuites: list(text),
  minVersion: tlsVersion,
  maxVersion: tlsVersion,
  maxIdleConnsPerHost: whole,
  forwardingTimeouts: struct({
    dialTimeout: duration,
    responseHeaderTimeout: duration,
    idleConnTimeout: duration,
    readIdleTimeout: duration,
    pingTimeout: duration,
  }),
  disableHTTP2: flag,
  peerCertURI: text,
  spiffe: struct(spiffe),
});

const tcpRouter = structWith(
  {
    /** In Traefik's language, such as ``HostSNI(`db.example.com`)``. */
    rule: text,
    service: text,
  },
  {
    entryPoints: list(text),
    middlewares: list(text),
    ruleSyntax: oneOf('v3', 'v2'),
    priority: whole,
    tls: perhapsEmpty(struct({ passthrough: flag, options: text, certResolver: text, domains: list(domain) })),
  },
);

const proxyProtocol = perhapsEmpty(struct({ version: whole }));

const tcpService = choice({
  loadBalancer: struct({
    servers: list(structWith({ address: text }, { tls: flag })),
    serversTransport: text,
    healthCheck: perhapsEmpty(
      struct({
        port: whole,
        send: text,
        expect: text,
        interval: duration,
        unhealthyInterval: duration,
        timeout: duration,
      }),
    ),
  }),
  weighted: structWith({ services: list(weighed) }, { healthCheck: present }),
});

const tcpTransport = struct({
  dialKeepAlive: duration,
  dialTimeout: duration,
  proxyProtocol,
  terminationDelay: duration,
  tls: perhapsEmpty(
    struct({
      serverName: text,
      insecureSkipVerify: flag,
      rootCAs: list(text),
      certificates: list(certificate),
      peerCertURI: text,
      spiffe: struct(spiffe),
    }),
  ),
});

const udpService = choice({
  loadBalancer: struct({ servers: list(structWith({ address: text }, {})) }),
  weighted: structWith({ services: list(weighed) }, {}),
});

const tlsOption = struct({
  minVersion: tlsVersion,
  maxVersion: tlsVersion,
  cipherSuites: list(text),
  curvePreferences: list(text),
  clientAuth: struct({
    caFiles: list(text),
    clientAuthType: oneOf(
      'NoClientCert',
      'RequestClientCert',
      'RequireAnyClientCert',
      'VerifyClientCertIfGiven',
      'RequireAndVerifyClientCert',
    ),
  }),
  sniStrict: flag,
  alpnProtocols: list(text),
  disableSessionTickets: flag,
});

/** The whole of it, as data. */
export const DYNAMIC_CONFIGURATION = struct({
  http: struct({
    routers: dictionary(httpRouter),
    services: dictionary(httpService),
    middlewares: dictionary(httpMiddleware),
    serversTransports: dictionary(httpTransport),
  }),
  tcp: struct({
    routers: dictionary(tcpRouter),
    services: dictionary(tcpService),
    middlewares: dictionary(
      choice({
        inFlightConn: structWith({ amount: whole }, {}),
        ipAllowList: structWith({ sourceRange: list(text) }, {}),
      }),
    ),
    serversTransports: dictionary(tcpTransport),
  }),
  udp: struct({
    routers: dictionary(structWith({ service: text }, { entryPoints: list(text) })),
    services: dictionary(udpService),
  }),
  tls: struct({
    /** By names of their own, so that each writer has a part of the tree for itself. */
    certificates: named(structWith({ certFile: text, keyFile: secret }, { stores: list(text) })),
    options: dictionary(tlsOption),
    stores: dictionary(struct({ defaultCertificate: certificate })),
  }),
});

/**
 * Traefik's dynamic configuration, with its own names: routers, services, middlewares and transports of HTTP, TCP and
 * UDP, and TLS. Durations are texts such as `10s`, sizes are bytes, certificates PEM text or paths.
 *
 * @see https://doc.traefik.io/traefik/v3.7/reference/routing-configuration/other-providers/kv/
 */
export type DynamicConfiguration = Value<typeof DYNAMIC_CONFIGURATION>;

export type HttpRouter = Value<typeof httpRouter>;
export type HttpService = Value<typeof httpService>;
export type HttpMiddleware = Value<typeof httpMiddleware>;
export type TcpRouter = Value<typeof tcpRouter>;
export type TcpService = Value<typeof tcpService>;
export type TlsOptions = Value<typeof tlsOption>;
