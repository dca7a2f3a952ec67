import { isWildcard } from './host';
import { type Issuer, solverFor } from './issuer';
import type { Finding } from './problem';
import { hasToken } from './token';

/** The record that has to be there before a CA can be convinced of a host whose challenges are delegated. */
export interface DelegatedChallenge {
  /** The name that the CA asks for. */
  readonly dnsName: string;
  /** The name in the validation zone that it is a CNAME to. */
  readonly target: string;
}

/** The CNAMEs that `hosts`, certified by `issuer`, need; none where it writes to their own zones. */
export function delegatedChallenges(hosts: readonly string[], issuer: Issuer): DelegatedChallenge[] {
  return hosts.flatMap((host) => {
    const zone = solverFor(host, issuer)?.delegatedTo;
    if (zone === undefined) return [];
    // A wildcard is proven by the name that it is below.
    const dnsName = `_acme-challenge.${isWildcard(host) ? host.slice(2) : host}`;
    return [{ dnsName, target: `${dnsName}.${zone.name}` }];
  });
}

/** ZONE-05 where a name in the validation zone would be longer than a name can be. */
export function delegationFindings({ target, dnsName }: DelegatedChallenge): Finding[] {
  if (target.length <= 253 || hasToken(target)) return [];
  return [
    {
      code: 'ZONE-05',
      value: dnsName,
      message: `its name in the validation zone would have ${target.length} characters, and 253 are the most (RFC 1035, 2.3.4)`,
      fix: 'Use a validation zone with a shorter name, or certify a wildcard above the host',
    },
  ];
}

/** `challenges` as lines of a zone file (RFC 1035, 5), for whoever keeps the zones. */
export function zoneFile(challenges: readonly DelegatedChallenge[]): string {
  const lines = challenges.map(({ dnsName, target }) => `${dnsName}. 300 IN CNAME ${target}.`);
  return [
    '; These have to be in the zones of the names on the left before certificates are asked for, and to stay.',
    ...[...new Set(lines)].sort(),
    '',
  ].join('\n');
}
