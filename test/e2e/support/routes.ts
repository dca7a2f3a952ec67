/** What full-stack serves, and below which path. */
export const HOSTS = {
  'shop.example.com': '/',
  'api.example.com': '/api',
  'blog.example.org': '/',
  'www.example.org': '/images/1',
} as const;

/** The host that most proofs ask for, and the certificate that serves it: that of the first of two routes. */
export const SHOP = {
  host: 'shop.example.com',
  url: 'https://shop.example.com/',
  namespace: 'shop',
  certificate: 'api-tls',
  secret: 'shop-tls',
} as const;

interface RouteOptions {
  readonly name: string;
  readonly path: string;
  readonly namespace?: string;
  readonly ingressClass?: string;
  readonly service?: string;
  readonly secretName?: string;
}

/** A route to a path of the shop's host, as somebody writes it by hand. */
export function handwrittenRoute({
  name,
  path,
  namespace = SHOP.namespace,
  ingressClass = 'traefik',
  service = 'api',
  secretName,
}: RouteOptions): object {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name, namespace },
    spec: {
      ingressClassName: ingressClass,
      entryPoints: ['websecure'],
      routes: [
        {
          kind: 'Rule',
          match: `Host(\`${SHOP.host}\`) && PathPrefix(\`${path}\`)`,
          services: [{ name: service, port: 80 }],
        },
      ],
      tls: { secretName },
    },
  };
}
