/** Which objects are meant, by their labels: all of its requirements hold. */
export type Selector = readonly Requirement[];

/** What one label must be. */
export type Requirement =
  | { readonly kind: 'in' | 'notIn'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'exists' | 'absent'; readonly key: string };

const KEY = String.raw`[\w./-]+`;
const FORMS: readonly (readonly [RegExp, (match: RegExpExecArray) => Requirement])[] = [
  [
    new RegExp(`^(${KEY})\\s+(in|notin)\\s+\\(([^()]*)\\)$`),
    ([, key = '', operator, list = '']) => ({
      kind: operator === 'in' ? 'in' : 'notIn',
      key,
      values: list.split(',').map((value) => value.trim()),
    }),
  ],
  [
    new RegExp(`^(${KEY})\\s*(==?|!=)\\s*([\\w.-]*)$`),
    ([, key = '', operator, value = '']) => ({ kind: operator === '!=' ? 'notIn' : 'in', key, values: [value] }),
  ],
  [new RegExp(`^!\\s*(${KEY})$`), ([, key = '']) => ({ kind: 'absent', key })],
  [new RegExp(`^(${KEY})$`), ([, key = '']) => ({ kind: 'exists', key })],
];

/**
 * Reads a selector in the language of `kubectl --selector`: `team=shop,tier!=test,env in (a, b),!legacy`.
 * Undefined where it is none.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function parseSelector(text: string): Selector | undefined {
  if (!/^[ -~]*$/.test(text)) return undefined;
  if (text.trim() === '') return [];
  // A comma between parentheses parts values, and not requirements.
  const requirements = text.split(/,(?![^()]*\))/).map((part) => readRequirement(part.trim()));
  return requirements.every((requirement) => requirement !== undefined) ? requirements : undefined;
}

function readRequirement(text: string): Requirement | undefined {
  for (const [form, read] of FORMS) {
    const match = form.exec(text);
    if (match) return read(match);
  }
  return undefined;
}

/** Whether an object with `labels` is meant. As in Kubernetes, one that lacks a label is not in any value of it. */
export function isSelected(selector: Selector, labels: Readonly<Record<string, unknown>> = {}): boolean {
  return selector.every((requirement) =>
    isMet(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined),
  );
}

function isMet(requirement: Requirement, value: unknown): boolean {
  switch (requirement.kind) {
    case 'exists':
      return value !== undefined;
    case 'absent':
      return value === undefined;
    case 'in':
      return typeof value === 'string' && requirement.values.includes(value);
    case 'notIn':
      return typeof value !== 'string' || !requirement.values.includes(value);
  }
}
