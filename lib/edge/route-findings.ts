import { Construct, type IConstruct } from 'constructs';
import { Cluster } from '../cluster';
import type { Issuer, SolverScope } from '../model/issuer';
import type { Finding } from '../model/problem';
import { isPrintable } from '../model/text';
import { asGiven, maybeSame, type Reveal } from '../model/token';
import type { TlsOptionRef } from '../traefik/tls-option';
import type { Traefik } from '../traefik/traefik';
import type { RouteRule } from './route-rule';

/** ROUTE-02 no rules at all, what is wrong with each, and, unless hosts are listed apart, RULE-07 for those without. */
export function ruleListFindings(rules: readonly RouteRule[], listed: readonly string[] | undefined): Finding[] {
  if (rules.length > 0) {
    return rules.flatMap((rule, index) => {
      const findings = [...rule.findings, ...(listed?.length ? [] : rule.hostFindings)];
      // Of several, which one.
      return rules.length === 1
        ? findings
        : findings.map((each) => ({ ...each, message: `routes[${index}]: ${each.message}` }));
    });
  }
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
  const none = {
    code: 'ROUTE-07',
    value: '',
    message: 'without an entry point the route takes every default one, port 80 as well',
  };
  if (entryPoints.length === 0) return [{ ...none, fix: 'Leave entryPoints out for websecure' }];
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
export function tlsOptionFindings(
  tlsOption: TlsOptionRef | undefined,
  namespace: string,
  reveal: Reveal = asGiven,
): Finding[] {
  if (!tlsOption || maybeSame(reveal(tlsOption.namespace), reveal(namespace))) return [];
  return [
    {
      code: 'TLS-04',
      value: `${tlsOption.namespace}/${tlsOption.name}`,
      message: `a route takes a TLSOption of its own namespace, ${namespace}; of another, Traefik would refuse it`,
      fix: 'Declare a TlsOption in the chart of the route',
    },
  ];
}

/** TLS-08 where a rule names no host: options are chosen by host name, so Traefik would drop route or option. */
export function hostlessOptionFindings(rules: readonly RouteRule[]): Finding[] {
  return rules
    .filter(({ text, hosts }) => text !== '' && hosts.length === 0)
    .map(({ text }) => ({
      code: 'TLS-08',
      value: text,
      message: 'a tlsOption is chosen by the host names of a rule, and this one has none',
      fix: 'Name the hosts with Host, or leave tlsOption out',
    }));
}

/** ROUTE-11 where the Traefik or issuer of the program belongs to another Cluster. */
export function clusterFindings(
  route: IConstruct,
  { traefik, issuer }: { traefik: Traefik; issuer: Issuer },
): Finding[] {
  const own = Cluster.of(route);
  return [traefik, issuer]
    .filter((each): each is (Traefik | Issuer) & IConstruct => Construct.isConstruct(each))
    .filter((each) => Cluster.of(each) !== own)
    .map((each) => ({
      code: 'ROUTE-11',
      value: each.node.path,
      message: 'it is declared in another Cluster, where this route is not seen',
      fix: 'Use one of the same Cluster, or ExistingTraefik and CertManagerIssuer.existing()',
    }));
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

/** ROUTE-12 where the Traefik of the route does not read its namespace. */
export function unreadFindings(namespace: string, { namespaces }: Traefik, reveal: Reveal = asGiven): Finding[] {
  const isRead = namespaces?.some((each) => maybeSame(reveal(each), reveal(namespace))) ?? true;
  if (namespaces === undefined || isRead) return [];
  return [
    {
      code: 'ROUTE-12',
      value: namespace,
      message: `its Traefik serves routes of ${namespaces.join(', ')} only`,
      fix: `Add '${namespace}' to the namespaces of the Traefik, or move the route`,
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
