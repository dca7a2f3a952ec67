import * as pulumi from '@pulumi/pulumi';
import { MANAGED_BY } from '../labels';
import { type DnsRecord, recordSets } from '../model/records';
import { hasToken } from '../model/token';
import { resolved } from './outputs';

/** An object as cdk8s synthesizes it, tokens and all. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
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
    const isSecret = apiVersion === 'v1' && kind === 'Secret';
    const props = resolved(manifest) as Record<string, pulumi.Input<unknown>>;
    if (isLateEndpoint(manifest)) props.spec = typedByValue(manifest, props.spec);
    for (const field of isSecret ? ['data', 'stringData'] : []) {
      if (props[field] !== undefined) props[field] = pulumi.secret(props[field]);
    }
    super(
      `kubernetes:${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}:${kind}`,
      name,
      { ...props, status: undefined },
      pulumi.mergeOptions(options, {
        version: PROVIDER_VERSION,
        additionalSecretOutputs: isSecret ? ['data', 'stringData'] : [],
      }),
    );
  }
}

/** Whether it is a DNSEndpoint of ours with targets that are not known yet. */
function isLateEndpoint({ kind, metadata, spec }: Manifest): boolean {
  const labels = metadata.labels as Readonly<Record<string, string>> | undefined;
  return (
    kind === 'DNSEndpoint' && labels?.['app.kubernetes.io/managed-by'] === MANAGED_BY && endpointsOf(spec).some(isLate)
  );
}

function isLate({ targets }: DnsRecord): boolean {
  return targets.some(hasToken);
}

function endpointsOf(spec: unknown): readonly DnsRecord[] {
  return (spec as { readonly endpoints: readonly DnsRecord[] }).endpoints;
}

/** What a target turns out to be, an address or a name, decides the type of its record. */
function typedByValue({ spec }: Manifest, values: pulumi.Input<unknown>): pulumi.Output<unknown> {
  const before = endpointsOf(spec);
  return (pulumi.output(values) as pulumi.Output<unknown>).apply((known) => {
    const records = endpointsOf(known);
    const late = new Set(before.filter(isLate).map(({ dnsName }) => dnsName));
    const endpoints = before.flatMap(({ dnsName }, index) => {
      const record = records[index] as DnsRecord;
      if (!late.has(dnsName)) return [record];
      // All targets of the name together, once.
      if (before.findIndex((each) => each.dnsName === dnsName) !== index) return [];
      const targets = records.flatMap((each, place) => (before[place]?.dnsName === dnsName ? each.targets : []));
      return recordSets(record.dnsName, { targets, ttlSeconds: record.recordTTL });
    });
    return { ...(known as object), endpoints };
  });
}
