/**
 * The versions of everything that is emitted or assumed, in one place.
 * A newer patch of Traefik is safe to ask for; arguments are fitted to it by {@link TRAEFIK_OPTIONS_SINCE}.
 */
export const VERSIONS = {
  /** The newest patch of Traefik when this was released: the default of `TraefikHA`. */
  traefik: '3.7.13',
  /** The CRDs that routes and TLS objects are held against. */
  traefikCrds: '3.7.13',
  certManager: '1.21.2',
  externalDns: '0.22.0',
  socketProxy: '1.12.2',
  consul: '1.21.4',
  /** The last major whose commands the renewer speaks is 4. */
  lego: '4.31.0',
  certbot: '5.1.0',
  curl: '8.11.1',
  /** The oldest Kubernetes whose pods can sleep before they stop, without a shell in the image. */
  kubernetes: '1.30',
} as const;

/** The range of Traefik versions whose options are known. */
export const TRAEFIK_SUPPORTED = { minor: '3.7', from: '3.7.0' } as const;

/**
 * Options that the oldest supported Traefik does not know: one that it does not know keeps it from starting.
 *
 * @see https://doc.traefik.io/traefik/v3.7/migrate/v3/
 */
export const TRAEFIK_OPTIONS_SINCE = {
  crossProviderNamespaces: '3.7.1',
  underscoreHeadersStrategy: '3.7.6',
  strictTLSOptions: '3.7.11',
  defaultTLSResourcesNamespace: '3.7.11',
  safeNaming: '3.7.11',
  aliasHeadersStrategy: '3.7.12',
} as const;

/** Where images come from unless a program says otherwise. */
export const IMAGES = {
  traefik: (version: string) => `docker.io/library/traefik:v${version}`,
  socketProxy: `docker.io/wollomatic/socket-proxy:${VERSIONS.socketProxy}`,
  consul: `docker.io/hashicorp/consul:${VERSIONS.consul}`,
  lego: `docker.io/goacme/lego:v${VERSIONS.lego}`,
  /** Each DNS provider's plugin is in an image of its own. */
  certbot: (dnsProvider: string) => `docker.io/certbot/dns-${dnsProvider}:v${VERSIONS.certbot}`,
  /** A shell and curl, for scripts that speak to stores. */
  curl: `docker.io/curlimages/curl:${VERSIONS.curl}`,
  externalDns: `registry.k8s.io/external-dns/external-dns:v${VERSIONS.externalDns}`,
} as const;
