import { Chart } from 'cdk8s';
import { CertRotater } from '../../../lib';
import type { RotaterSettingsProps } from '../../../lib/rotater/settings-props';
import { filesOf, type Manifest, objectsOf } from '../../support/synthesize';
import { CONTROLLER_IMAGE } from '../lab/controller-image';

/** A namespace where a thousand routes are, with a rotater of its own. Nobody issues what it asks for. */
export const MANY = {
  namespace: 'many',
  routes: 1000,
  settings: {
    namespaces: ['many'],
    certificates: { issuer: { kind: 'Issuer', name: 'nobody' } },
    dns: { targets: ['203.0.113.12'] },
  } satisfies RotaterSettingsProps as RotaterSettingsProps,
} as const;

export function manyRotater(): Manifest[] {
  return objectsOf(
    filesOf((app) => {
      const chart = new Chart(app, 'many', { namespace: MANY.namespace });
      new CertRotater(chart, 'cert-rotater', { image: CONTROLLER_IMAGE, settings: MANY.settings });
    }),
  );
}

export function manyRoutes(count: number): object[] {
  return Array.from({ length: count }, (_, index) => oneOfMany(String(index)));
}

/** A route with one host, or with a rule of its own. */
export function oneOfMany(name: string, match = `Host(\`host-${name}.example.com\`)`): object {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name: `route-${name}`, namespace: MANY.namespace },
    spec: {
      routes: [{ kind: 'Rule', match, services: [{ name: 'web', port: 80 }] }],
      tls: { secretName: `${name}-tls` },
    },
  };
}
