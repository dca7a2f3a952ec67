import type { RotaterSettingsProps } from '../../lib/rotater/settings-props';

/** An issuer and an address: what most tests need no more of. */
export const BOTH: RotaterSettingsProps = {
  certificates: { issuer: 'letsencrypt' },
  dns: { targets: ['203.0.113.10'] },
};

/** An IngressRoute with one rule; `tls` is null for none. */
export function ingressRoute({
  name = 'web',
  namespace = 'shop',
  match = 'Host(`www.example.com`)',
  tls = { secretName: 'www-tls' } as object | null,
  annotations = undefined as Record<string, string> | undefined,
  labels = undefined as Record<string, string> | undefined,
  ingressClassName = undefined as string | undefined,
  kind = 'IngressRoute',
} = {}) {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind,
    metadata: { name, namespace, annotations, labels },
    spec: {
      ingressClassName,
      routes: [{ kind: 'Rule', match, services: [{ name: 'web', port: 80 }] }],
      tls: tls ?? undefined,
    },
  };
}
