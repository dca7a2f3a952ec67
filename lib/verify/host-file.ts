import { z } from 'zod';
import { canonicalHost, hostFindings } from '../model/host';
import { type Finding, locate, type Problem } from '../model/problem';
import { readValue, type Source } from '../rotater/manifest-stream';
import type { ValuePath } from '../rotater/route-object';
import type { Declaration } from './declaration';
import { type NodeAddress, parseNode } from './node';

const node = z.string({ error: 'a node. Write 10.0.0.1' });
const nodes = z.array(node, { error: 'a list of nodes. Write nodes: [10.0.0.1, 10.0.0.2]' });
const host = z.string({ error: 'a host. Write shop.example.com' });

const schema = z.strictObject(
  {
    nodes: nodes.optional(),
    hosts: z.array(
      z.union([host, z.strictObject({ name: host, nodes: nodes.optional(), http: z.boolean().optional() })], {
        error: 'a host. Write shop.example.com, or { name: shop.example.com, nodes: [10.0.0.1] }',
      }),
      { error: 'a list of hosts. Write hosts: [shop.example.com]' },
    ),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'hosts and nodes. Write hosts: [shop.example.com]' : undefined) },
);

/**
 * What a file of hosts and nodes declares, in YAML or JSON. INPUT-01 where it is neither, VERIFY-06 where it is of
 * another form; what is no host or node is told as such.
 */
export function readHostFile(
  source: Source,
): { readonly declaration: Declaration } | { readonly problems: readonly Problem[] } {
  const read = readValue(source);
  if (read.problem) return { problems: [read.problem] };
  const { value, placeOf } = read;
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    return { problems: parsed.error.issues.flatMap((issue) => locate([formFinding(issue)], placeOf(issue.path))) };
  }
  const problems: Problem[] = [];
  const tell = (path: ValuePath, findings: readonly Finding[]) => problems.push(...locate(findings, placeOf(path)));
  const nodesAt = (path: ValuePath, texts: readonly string[] = []): NodeAddress[] =>
    texts.flatMap((text, index) => {
      const one = parseNode(text);
      if ('node' in one) return [one.node];
      tell([...path, index], one.findings);
      return [];
    });
  const hosts = parsed.data.hosts.map((one, index) => {
    const { name, nodes: own, http = true } = typeof one === 'string' ? { name: one } : one;
    const canonical = canonicalHost(name);
    tell(typeof one === 'string' ? ['hosts', index] : ['hosts', index, 'name'], hostFindings(canonical));
    return { host: canonical, nodes: nodesAt(['hosts', index, 'nodes'], own), isHttp: http };
  });
  const shared = nodesAt(['nodes'], parsed.data.nodes);
  return problems.length > 0 ? { problems } : { declaration: { hosts, nodes: shared } };
}

/** VERIFY-06, with what to write instead. */
function formFinding(issue: z.core.$ZodIssue): Finding {
  const code = 'VERIFY-06';
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const fix = 'There are hosts, each with name, nodes and http, and nodes';
    return { code, value: issue.keys.join(', '), message: 'there is no such key here', fix };
  }
  const [message = '', fix = ''] = issue.message.split('. ');
  return { code, value: where, message: `expected here is ${message}`, fix: fix || 'Correct it there' };
}
