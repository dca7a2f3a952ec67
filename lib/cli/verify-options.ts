import { isIP } from 'node:net';
import { Option } from 'commander';
import { canonicalHost, hostFindings } from '../model/host';
import { type Finding, locate, type Problem } from '../model/problem';
import { NODE_SOURCES, type NodeSource } from '../verify/cluster-nodes';
import type { SecretKey } from '../verify/declaration';
import { areCrossed, type Limits, parseLimit, parseTime, printLimit } from '../verify/limits';
import { isPort, type NodeAddress, parseNode } from '../verify/node';
import { many } from './settings-options';
import { UserError } from './user-error';

export const OUTPUTS = ['table', 'json', 'prometheus', 'plugin'] as const;

/** What the words of the command say, as they are. */
export interface VerifyWords {
  readonly nodes?: readonly string[];
  readonly file?: string;
  readonly from?: readonly string[];
  readonly cluster?: boolean;
  readonly kubeconfig?: string;
  readonly namespace?: readonly string[];
  readonly ingressClass?: string;
  readonly service?: string;
  readonly at: NodeSource;
  /** False where `--no-secrets` is given. */
  readonly secrets: boolean;
  readonly secret?: readonly string[];
  readonly dns?: boolean;
  readonly resolver?: readonly string[];
  readonly port: string;
  readonly caFile?: readonly string[];
  readonly certificate?: string;
  readonly warning: string;
  readonly critical: string;
  readonly grace: string;
  readonly path?: string;
  readonly status: string;
  readonly hsts?: boolean;
  readonly redirect?: boolean;
  readonly httpPort: string;
  readonly output: (typeof OUTPUTS)[number];
  readonly push?: string;
  readonly timeout: string;
  readonly concurrency: string;
  readonly watch?: boolean;
  readonly interval: string;
  readonly giveUp: string;
}

/** What they mean. */
export interface VerifySettings {
  readonly hosts: readonly string[];
  /** Undefined for those that are declared. */
  readonly nodes?: readonly NodeAddress[];
  readonly service?: SecretKey;
  /** The only Secrets that are read; undefined for all that routes name. */
  readonly secrets?: readonly SecretKey[];
  readonly resolvers: readonly string[];
  readonly port: number;
  readonly limits: Limits;
  readonly grace: number;
  readonly statuses: readonly [from: number, to: number];
  readonly httpPort: number;
  readonly timeout: number;
  readonly concurrency: number;
  readonly interval: number;
  readonly giveUp: number;
}

/** An option that may be given several times. */
function repeated(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: readonly string[] = []) => [
    ...previous,
    value,
  ]);
}

export function verifyOptions(): Option[] {
  return [
    many('-n, --nodes <nodes>', 'who is asked: addresses or names with or without a port, separated by commas'),
    new Option('-f, --file <file>', 'hosts and nodes in a file (YAML or JSON)'),
    repeated('--from <path>', 'manifests: hosts of their routes, nodes of their DNSEndpoints; may be repeated'),
    new Option('--cluster', 'routes and Traefik of a cluster, reached as KUBECONFIG or the account of the pod says'),
    new Option('--kubeconfig <file>', 'the same, reached as this file says'),
    many('--namespace <names>', 'of a cluster: only routes of these namespaces'),
    new Option('--ingress-class <class>', 'of manifests and clusters: only routes of this class'),
    new Option('--service <namespace/name>', "of a cluster: Traefik's Service (default: those with its labels)"),
    new Option('--at <where>', 'of a cluster: which addresses are asked').choices(NODE_SOURCES).default('auto'),
    new Option('--no-secrets', 'of a cluster: do not compare with the certificates in Secrets'),
    many('--secret <namespace/name>', 'of a cluster: of the Secrets of routes, read only these'),
    new Option('--dns', 'ask every address that DNS has for a host, and compare with the nodes that are declared'),
    many('--resolver <servers>', "the DNS servers that are asked (default: the system's)"),
    new Option('--port <number>', 'of nodes that say none').default('443'),
    repeated('--ca-file <file>', "trusted authorities in PEM, instead of the system's; may be repeated"),
    new Option('--certificate <file>', 'the certificate in PEM that is to be served'),
    new Option('--warning <limit>', 'warn when less is left: days, or a part of the lifetime such as 25%').default(
      '20',
    ),
    new Option('--critical <limit>', 'the same for critical').default('15'),
    new Option('--grace <time>', 'how long after a renewal nodes may serve the certificate before').default('0s'),
    new Option('--path <path>', 'GET it by HTTP/1.1, and look at the status'),
    new Option('--status <codes>', 'the statuses that are good').default('200-399'),
    new Option('--hsts', 'the answer must have Strict-Transport-Security'),
    new Option('--redirect', 'plain HTTP must redirect to HTTPS'),
    new Option('--http-port <number>', 'where plain HTTP is').default('80'),
    new Option('-o, --output <form>', 'what is written').choices(OUTPUTS).default('table'),
    new Option('--push <url>', 'where a Pushgateway takes the metrics, such as http://host:9091/metrics/job/verify'),
    new Option('--timeout <time>', 'how long a node may take').default('5s'),
    new Option('--concurrency <number>', 'how many are asked at a time').default('64'),
    new Option('--watch', 'ask again until all nodes serve one certificate for each host'),
    new Option('--interval <time>', 'with --watch: how long between').default('5s'),
    new Option('--give-up <time>', 'with --watch: when to stop all the same').default('15m'),
  ];
}

/** What `words` mean, of which some stand on the command line; throws everything that is wrong with them, a line each. */
export function readWords(
  hosts: readonly string[],
  words: VerifyWords,
  isGiven: (word: string) => boolean,
): VerifySettings {
  const problems: Problem[] = [];
  const tell = (at: string, findings: readonly Finding[]) => problems.push(...locate(findings, at));
  const read = <T>(option: string, text: string, parse: (text: string) => T | undefined, fix: string): T => {
    const value = parse(text);
    if (value === undefined)
      tell(option, [{ code: 'VERIFY-04', value: text, message: `not what ${option} takes`, fix }]);
    return value as T;
  };
  const canonical = hosts.map(canonicalHost);
  for (const host of canonical) tell('hosts', hostFindings(host));
  const nodes = words.nodes?.flatMap((text) => {
    const parsed = parseNode(text);
    if ('node' in parsed) return [parsed.node];
    tell('--nodes', parsed.findings);
    return [];
  });
  const limits = {
    warning: read('--warning', words.warning, parseLimit, LIMIT_FIX),
    critical: read('--critical', words.critical, parseLimit, LIMIT_FIX),
  };
  if (limits.warning && limits.critical && areCrossed(limits)) tell('--critical', [crossed(limits)]);
  if (words.path !== undefined) read('--path', words.path, pathOf, 'Write a path such as /healthz, without the host');
  if (words.push !== undefined) read('--push', words.push, urlOf, 'Write http://host:9091/metrics/job/verify');
  const settings: VerifySettings = {
    hosts: canonical,
    nodes,
    service: words.service === undefined ? undefined : read('--service', words.service, objectOf, 'Write edge/traefik'),
    secrets: words.secret?.map((text) => read('--secret', text, objectOf, 'Write shop/web-tls')),
    resolvers: (words.resolver ?? []).map((text) => read('--resolver', text, resolverOf, RESOLVER_FIX)),
    port: read('--port', words.port, portOf, PORT_FIX),
    limits,
    grace: read('--grace', words.grace, parseTime, TIME_FIX),
    statuses: read('--status', words.status, statusesOf, 'Write 200, or 200-399'),
    httpPort: read('--http-port', words.httpPort, portOf, PORT_FIX),
    timeout: read('--timeout', words.timeout, positiveTime, TIME_FIX),
    concurrency: read('--concurrency', words.concurrency, countOf, 'Write a number from 1 to 1000'),
    interval: read('--interval', words.interval, positiveTime, TIME_FIX),
    giveUp: read('--give-up', words.giveUp, positiveTime, TIME_FIX),
  };
  for (const { word, option, needs } of NEEDS) {
    if (!isGiven(word) || needs.some(({ isThere }) => isThere(words))) continue;
    const missing = needs.map((need) => need.option).join(' or ');
    tell(option, [
      {
        code: 'VERIFY-14',
        value: '',
        message: `it does nothing without ${missing}`,
        fix: `Give ${missing}, or leave it out`,
      },
    ]);
  }
  if (problems.length > 0) throw UserError.of(problems);
  return settings;
}

const CLUSTER = {
  option: '--cluster',
  isThere: ({ cluster = false, kubeconfig }: VerifyWords) => cluster || kubeconfig !== undefined,
};
const FROM = { option: '--from', isThere: ({ from }: VerifyWords) => from !== undefined };
const PATH = { option: '--path', isThere: ({ path }: VerifyWords) => path !== undefined };
const REDIRECT = { option: '--redirect', isThere: ({ redirect = false }: VerifyWords) => redirect };
const WATCH = { option: '--watch', isThere: ({ watch = false }: VerifyWords) => watch };

/** Options that only say more of others, and do nothing without one of them. */
const NEEDS: readonly {
  readonly word: keyof VerifyWords;
  readonly option: string;
  readonly needs: readonly { readonly option: string; isThere(words: VerifyWords): boolean }[];
}[] = [
  { word: 'namespace', option: '--namespace', needs: [CLUSTER] },
  { word: 'ingressClass', option: '--ingress-class', needs: [FROM, CLUSTER] },
  { word: 'service', option: '--service', needs: [CLUSTER] },
  { word: 'at', option: '--at', needs: [CLUSTER] },
  { word: 'secrets', option: '--no-secrets', needs: [CLUSTER] },
  { word: 'secret', option: '--secret', needs: [CLUSTER] },
  { word: 'status', option: '--status', needs: [PATH] },
  { word: 'httpPort', option: '--http-port', needs: [REDIRECT] },
  { word: 'interval', option: '--interval', needs: [WATCH] },
  { word: 'giveUp', option: '--give-up', needs: [WATCH] },
];

const LIMIT_FIX = 'Write days such as 20, or a part of the lifetime such as 25%';
const TIME_FIX = 'Write a time such as 30s, 10m or 2h';
const PORT_FIX = 'Write a port, 1 to 65535';
const RESOLVER_FIX = 'Write the address of a DNS server, such as 192.0.2.53 or [2001:db8::53]:5353';

/** VERIFY-05, where what is critical would never have been worth a warning. */
function crossed({ warning, critical }: Limits): Finding {
  return {
    code: 'VERIFY-05',
    value: printLimit(critical),
    message: `the limit comes before that of the warning, ${printLimit(warning)}`,
    fix: `Give a longer --warning, or less than ${printLimit(warning)}`,
  };
}

function positiveTime(text: string): number | undefined {
  const time = parseTime(text);
  // Timers take no more.
  return time !== undefined && time >= 1 && time < 2 ** 31 ? time : undefined;
}

function portOf(text: string): number | undefined {
  return /^\d+$/.test(text) && isPort(Number(text)) ? Number(text) : undefined;
}

function countOf(text: string): number | undefined {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= 1000 ? count : undefined;
}

function statusesOf(text: string): readonly [number, number] | undefined {
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  return from === undefined || Number(to) < Number(from) ? undefined : [Number(from), Number(to)];
}

function pathOf(text: string): string | undefined {
  return /^\/[!-~]*$/.test(text) ? text : undefined;
}

function urlOf(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

function objectOf(text: string): SecretKey | undefined {
  const [, namespace, name] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

function resolverOf(text: string): string | undefined {
  const parsed = parseNode(text);
  if (!('node' in parsed) || isIP(parsed.node.host) === 0) return undefined;
  const { host, port = 53 } = parsed.node;
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
