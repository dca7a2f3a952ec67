import { k8s } from 'cdk8s-plus-27';
import { RESTRICTED_CONTAINER } from '../pod-security';

/** Where scripts put what they work on; keys are among it, so it is memory. */
export const TMP: k8s.Volume = {
  name: 'tmp',
  emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('32Mi') },
};
export const TMP_MOUNT: k8s.VolumeMount = { name: 'tmp', mountPath: '/tmp' };

/** What all containers have in common that run a script against a store. */
export function scriptContainer({
  name,
  image,
  environment,
}: {
  readonly name: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
}) {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    env: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
    resources: {
      requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('16Mi') },
      limits: { memory: k8s.Quantity.fromString('96Mi') },
    },
    securityContext: RESTRICTED_CONTAINER,
  };
}
