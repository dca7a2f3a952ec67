import { IMAGES, VERSIONS } from '../../../lib/versions';
import type { ImageRecipe } from './images';

/** The image that holds a pod's namespaces. */
export const SANDBOX_IMAGE = 'lab.test/pause:1';

/** What routes lead to. */
export const BACKEND_IMAGE = 'lab.test/backend:1';

export const CERT_MANAGER_IMAGES = {
  controller: `quay.io/jetstack/cert-manager-controller:v${VERSIONS.certManager}`,
  acmesolver: `quay.io/jetstack/cert-manager-acmesolver:v${VERSIONS.certManager}`,
} as const;

/** Images under the names that the library emits, so that what runs is what `dist/` says. */
export const LAB_IMAGES: readonly ((program: (name: string) => string) => ImageRecipe)[] = [
  image(SANDBOX_IMAGE, 'client', { args: ['pause'] }),
  image(BACKEND_IMAGE, 'client', { args: ['serve'] }),
  image(IMAGES.traefik(VERSIONS.traefik), 'traefik'),
  image(IMAGES.externalDns, 'external-dns'),
  image(CERT_MANAGER_IMAGES.controller, 'cert-manager-controller'),
  // As upstream's: the pods of a challenge leave it to the image who they run as, and must not be root.
  image(CERT_MANAGER_IMAGES.acmesolver, 'cert-manager-acmesolver', { user: '1000' }),
];

function image(name: string, command: string, { args = [], user }: { args?: readonly string[]; user?: string } = {}) {
  return (program: (name: string) => string): ImageRecipe => ({
    name,
    files: { [`/${command}`]: program(command) },
    entrypoint: [`/${command}`, ...args],
    user,
  });
}
