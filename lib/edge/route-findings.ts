import type { SolverScope } from '../model/issuer';
import type { Finding } from '../model/problem';
import { isPrintable } from '../model/text';
import type { TlsOptionRef } from '../traefik/tls-option';
import type { Traefik } from '../traefik/traefik';
import type { RouteRule } from './route-rule';

/** ROUTE-02 no rules at all, what is wrong with each, and, unless hosts are listed apart, RULE-07 for those without. */
export function ruleListFindings(rules: readonly RouteRule[], listed: readonly string[] | undefined): Finding[] {
  if (rules.length > 0) return rules.flatMap((rule) => [...rule.findings, ...(listed ? [] : rule.hostFindings)]);
  return [
    {
      code: 'ROUTE-02',
      value: '',
      message: 'an IngressRoute without routes serves nothing',
      fix: "Give routes: [{ host: 'shop.example.com', backend: { service: 'web', port: 80 } }]",
    },
  ];
}

/** ROUTE-03 where `priority` is none. */
export function priorityFindings(priority: number | undefined): Finding[] {
  if (priority === undefined || (Number.isSafeInteger(priority) && priority > 0)) return [];
  return [
    {
      code: 'ROUTE-03',
      value: String(priority),
      message: 'a priority is a whole number from 1',
      fix: 'Leave priority out for the length of the rule',
    },
  ];
}

/** ROUTE-07 where Traefik has no such entry point. */
export function entryPointFindings(entryPoints: readonly string[], traefik: Traefik): Finding[] {
  const known = traefik.entryPoints.filter((entryPoint) => /^\S+$/.test(entryPoint) && isPrintable(entryPoint));
  return entryPoints
    .filter((entryPoint) => !known.includes(entryPoint))
    .map((value) => ({
      code: 'ROUTE-07',
      value,
      message: 'Traefik has no such entry point, and would switch the route off',
      fix: `Use one of ${known.join(', ')}`,
    }));
}

/** TLS-04 where the option is not of the route's `namespace`. */
export function tlsOptionFindings(tlsOption: TlsOptionRef | undefined, namespace: string): Finding[] {
  if (!tlsOption || tlsOption.namespace === namespace) return [];
  return [
    {
      code: 'TLS-04',
      value: `${tlsOption.namespace}/${tlsOption.name}`,
      message: `a route takes a TLSOption of its own namespace, ${namespace}; of another, Traefik would refuse it`,
      fix: 'Declare a TlsOption in the chart of the route',
    },
  ];
}

/** DNS-12: `hosts` are to be announced, and nobody said where they point. */
export function unknownTarget(hosts: readonly string[]): Finding {
  return {
    code: 'DNS-12',
    value: hosts.join(', '),
    message: "nobody said where the hosts point: the address of Traefik's load balancer is not known before it exists",
    fix: "Give dns: { targets: ['203.0.113.10'] }, LoadBalancer.awsNlb({ hostName }), or dns: false",
  };
}

/** TLS-06: `zones` are to be served by wildcards, and nobody said whose the default TLSStore is. */
export function unknownStore(zones: readonly { readonly name: string }[]): Finding {
  return {
    code: 'TLS-06',
    value: zones.map(({ name }) => `*.${name}`).join(', '),
    message: 'a wildcard is served from the default TLSStore, and whose that is was not said of this Traefik',
    fix: "Give ExistingTraefik a defaultStore: new TlsStore(chart, 'store') in a chart of its namespace",
  };
}

/** ROUTE-09 where a Secret is named that no certificate goes into, because wildcards serve all hosts. */
export function unusedSecretFindings(secretName: string | undefined, isUsed: boolean): Finding[] {
  if (secretName === undefined || isUsed) return [];
  return [
    {
      code: 'ROUTE-09',
      value: secretName,
      message: 'wildcards serve all hosts of the route, so nothing would be written to the Secret',
      fix: 'Leave secretName out, or use CertificateStrategy.perRoute()',
    },
  ];
}

/** ISSUER-05 where one of `solvers` is answered by another Traefik than serves the route. */
export function otherTraefikFindings(solvers: readonly SolverScope[], { ingressClass }: Traefik): Finding[] {
  return solvers.flatMap((solver) => {
    if (solver.ingressClass === undefined || solver.ingressClass === ingressClass) return [];
    return [
      {
        code: 'ISSUER-05',
        value: solver.ingressClass,
        message: `HTTP-01 is answered by the Traefik of that class, and this route is served by that of ${ingressClass}`,
        fix: `Write AcmeSolver.http01({ ingressClass: '${ingressClass}' })`,
      },
    ];
  });
}
