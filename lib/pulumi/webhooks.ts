import { groupOf, type Manifest } from './kube-object';
import type { AppObject } from './object-order';

/** Who has a say in objects of a group, and what must be there for it to answer. */
interface Webhook {
  readonly group: string;
  readonly answering: readonly AppObject[];
}

/** The webhooks that `objects` declare, each with its configuration, its Service, and the workloads behind that. */
export function webhooksOf(objects: readonly AppObject[]): Webhook[] {
  return objects.flatMap((configuration) => {
    const { kind, webhooks = [] } = configuration.manifest as Manifest & { readonly webhooks?: readonly Entry[] };
    if (!kind.endsWith('WebhookConfiguration')) return [];
    return webhooks.flatMap(({ clientConfig, rules = [] }) => {
      const answering = [configuration, ...behind(clientConfig?.service, objects)];
      const groups = new Set(rules.flatMap(({ apiGroups = [] }) => apiGroups));
      return [...groups].map((group) => ({ group, answering }));
    });
  });
}

/**
 * Has the objects of the webhook's group wait in `after` until it can answer, but for those that it needs itself to
 * come up, such as a certificate for its own Service: they would wait for one another.
 */
export function waitForWebhook({ group, answering }: Webhook, after: Map<AppObject, AppObject[]>): void {
  // Kubernetes' own groups without a domain hold what a webhook is made of, and each Deployment would wait for it.
  if (!group.includes('.')) return;
  const needed = new Set(answering);
  for (const each of needed) for (const one of after.get(each) ?? []) needed.add(one);
  for (const [each, before] of after) {
    if (groupOf(each.manifest.apiVersion) === group && !needed.has(each)) before.push(...answering);
  }
}

interface Entry {
  readonly clientConfig?: { readonly service?: ServiceRef };
  readonly rules?: readonly { readonly apiGroups?: readonly string[] }[];
}

interface ServiceRef {
  readonly namespace?: string;
  readonly name?: string;
}

/** The Service of a webhook, and the workloads whose pods it selects. */
function behind(wanted: ServiceRef | undefined, objects: readonly AppObject[]): AppObject[] {
  const there = objects.filter(({ manifest }) => manifest.metadata.namespace === wanted?.namespace);
  const service = there.find(({ manifest: { apiVersion, kind, metadata } }) => {
    return apiVersion === 'v1' && kind === 'Service' && metadata.name === wanted?.name;
  });
  const { selector } = (service?.manifest.spec ?? {}) as { readonly selector?: Readonly<Record<string, string>> };
  if (!service || !selector) return [];
  const selects = ({ manifest }: AppObject) => {
    const { template } = (manifest.spec ?? {}) as { readonly template?: { readonly metadata?: Labelled } };
    const labels = template?.metadata?.labels;
    return labels !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);
  };
  return [service, ...there.filter(selects)];
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
}
