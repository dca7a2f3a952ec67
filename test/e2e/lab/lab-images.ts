import { IMAGES, VERSIONS } from '../../../lib/versions';
import type { ImageRecipe } from './images';

/** The image that holds a pod's namespaces. */
export const SANDBOX_IMAGE = 'lab.test/pause:1';

/** What routes lead to. */
export const BACKEND_IMAGE = 'lab.test/backend:1';

export const CERT_MANAGER_IMAGES = {
  controller: `quay.io/jetstack/cert-manager-controller:v${VERSIONS.certManager}`,
  acmesolver: `quay.io/jetstack/cert-manager-acmesolver:v${VERSIONS.certManager}`,
  webhook: `quay.io/jetstack/cert-manager-webhook:v${VERSIONS.certManager}`,
} as const;

/** Images under the names that the library emits, so that what runs is what `dist/` says. */
export const LAB_IMAGES: readonly ((program: (name: string) => string) => ImageRecipe)[] = [
  image(SANDBOX_IMAGE, 'client', 'pause'),
  image(BACKEND_IMAGE, 'client', 'serve'),
  image(IMAGES.traefik(VERSIONS.traefik), 'traefik'),
  image(IMAGES.externalDns, 'external-dns'),
  image(CERT_MANAGER_IMAGES.controller, 'cert-manager-controller'),
  image(CERT_MANAGER_IMAGES.acmesolver, 'cert-manager-acmesolver'),
  image(CERT_MANAGER_IMAGES.webhook, 'cert-manager-webhook'),
];

function image(name: string, command: string, ...args: string[]) {
  return (program: (name: string) => string): ImageRecipe => ({
    name,
    files: { [`/${command}`]: program(command) },
    entrypoint: [`/${command}`, ...args],
  });
}
