import type { Construct } from 'constructs';
import { recommendedLabels } from '../labels';
import { idFor } from '../naming';
import { permit } from '../permission';

interface TokenRequests {
  /** The issuer that needs them: part of the names. */
  readonly issuer: string;
  /** Whose tokens are requested. */
  readonly accounts: readonly { readonly namespace: string; readonly name: string }[];
  /** Who requests them. */
  readonly certManager: { readonly namespace: string; readonly serviceAccount: string };
}

/**
 * Permits cert-manager to request tokens of exactly these accounts, which its chart stopped doing in 1.21.
 *
 * @see https://cert-manager.io/docs/configuration/acme/dns01/route53/
 */
export function permitTokenRequests(scope: Construct, { issuer, accounts, certManager }: TokenRequests): void {
  const namespaces = [...new Set(accounts.map(({ namespace }) => namespace))];
  for (const [place, namespace] of namespaces.entries()) {
    const id = idFor(namespace, place);
    const name = `${issuer}-token-request`;
    const labels = recommendedLabels({ instance: issuer, component: 'token-request' });
    const names = accounts.filter((account) => account.namespace === namespace).map((account) => account.name);
    const rule = {
      // A short-lived token of that account alone is what the cloud exchanges for a role.
      apiGroups: [''],
      resources: ['serviceaccounts/token'],
      resourceNames: [...new Set(names)].sort(),
      verbs: ['create'],
    };
    permit(scope, `tokens-${id}`, {
      ...{ name, where: namespace, labels, rules: () => [rule] },
      account: { name: certManager.serviceAccount, namespace: certManager.namespace },
    });
  }
}
