import * as pulumi from '@pulumi/pulumi';
import { resolved } from './outputs';

/** An object as cdk8s synthesizes it, tokens and all. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The API group of an `apiVersion`: empty for the core one. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** The release of @pulumi/kubernetes whose provider is asked for. */
const PROVIDER_VERSION: string = require('@pulumi/kubernetes/package.json').version;

/**
 * Any Kubernetes object, under the type that @pulumi/kubernetes has for it: a program that changes to its typed classes
 * keeps its URNs.
 *
 * @see https://www.pulumi.com/registry/packages/kubernetes/
 */
export class KubeObject extends pulumi.CustomResource {
  declare public readonly metadata: pulumi.Output<Manifest['metadata']>;
  declare public readonly status: pulumi.Output<Record<string, unknown> | undefined>;

  public constructor(name: string, manifest: Manifest, options: pulumi.CustomResourceOptions) {
    const { apiVersion, kind } = manifest;
    const type = groupOf(apiVersion) === '' ? `core/${apiVersion}` : apiVersion;
    const isSecret = apiVersion === 'v1' && kind === 'Secret';
    const props = resolved(manifest, name) as Record<string, pulumi.Input<unknown>>;
    for (const field of isSecret ? ['data', 'stringData'] : []) {
      if (props[field] !== undefined) props[field] = pulumi.secret(props[field]);
    }
    super(
      `kubernetes:${type}:${kind}`,
      name,
      { ...props, status: undefined },
      pulumi.mergeOptions(options, {
        version: PROVIDER_VERSION,
        additionalSecretOutputs: isSecret ? ['data', 'stringData'] : [],
      }),
    );
  }
}
