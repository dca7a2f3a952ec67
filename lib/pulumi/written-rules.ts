import type { LateObject } from '../late';
import { locate } from '../model/problem';
import { ruleFindings } from '../model/rule/build';
import { knownRule } from '../model/rule/known';
import type { RouterKind } from '../model/rule/matchers';
import { parseRule } from '../model/rule/parse';
import { printRule } from '../model/rule/print';
import { hasToken, type Reveal } from '../model/token';
import type { AppObject } from './object-order';

const KINDS: Readonly<Record<string, RouterKind>> = { IngressRoute: 'http', IngressRouteTCP: 'tcp' };

interface WrittenRoute {
  readonly match?: unknown;
  readonly syntax?: string;
}

/**
 * The rules of an IngressRoute that a program wrote as an object, where Outputs stand in them: each is a value within its
 * rule, whatever it turns out to hold, and is judged as Traefik does. Undefined where there are none.
 */
export function writtenRules({ object, manifest }: AppObject): LateObject | undefined {
  const kind = manifest.apiVersion.startsWith('traefik.io/') ? KINDS[manifest.kind] : undefined;
  const { routes } = (manifest.spec ?? {}) as { readonly routes?: readonly WrittenRoute[] };
  if (kind === undefined || !Array.isArray(routes)) return undefined;
  const ruleOf = ({ match, syntax }: WrittenRoute, reveal: Reveal) => {
    if (typeof match !== 'string' || !hasToken(match)) return undefined;
    // What is no rule before, such as one that is an Output as a whole, is not ours to write.
    const { rule } = parseRule(match, { kind, syntax: syntax === 'v2' ? 'v2' : 'v3' });
    return rule && knownRule(rule, { host: reveal, other: reveal });
  };
  return {
    texts: () => [],
    problems: (reveal) =>
      routes.flatMap((route) => {
        const rule = ruleOf(route, reveal);
        return rule ? locate(ruleFindings(rule, kind), object.node.path) : [];
      }),
    field: {
      name: 'routes',
      write: (written, reveal) =>
        (written as WrittenRoute[]).map((each, index) => {
          const rule = ruleOf(routes[index] ?? {}, reveal);
          return rule === undefined ? each : { ...each, match: printRule(rule), syntax: each.syntax && 'v3' };
        }),
    },
  };
}
