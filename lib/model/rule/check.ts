import type { Finding } from '../problem';
import { quote } from './literal';
import type { MatcherSpec } from './matchers';
import { valueFinding } from './values';

/**
 * Reports what keeps the matcher of `spec` from taking `values`: RULE-03 for their number, RULE-04 for an empty one,
 * RULE-10 for one that is not UTF-8, and what `valueFinding` says of each. `index` is that of the value at fault, none where it is all of them.
 */
export function checkValues(
  spec: MatcherSpec,
  values: readonly string[],
  report: (finding: Finding, index?: number) => void,
): void {
  if (!takes(spec.arity, values.length)) report(countFinding(spec, values));
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? '';
    const kind = spec.values[index % spec.values.length] ?? 'text';
    const finding = value === '' ? emptyFinding(spec) : (encodingFinding(value) ?? valueFinding(kind, value));
    if (finding !== undefined) report(finding, index);
  }
}

function takes(arity: MatcherSpec['arity'], count: number): boolean {
  if (arity === 'some') return count > 0;
  if (arity === 'pairs') return count > 0 && count % 2 === 0;
  return arity.includes(count);
}

function countFinding({ name, arity, values: kinds }: MatcherSpec, values: readonly string[]): Finding {
  const given = values.length === 0 ? 'none' : String(values.length);
  const message = `${name} takes ${describe(arity)}, not ${given}`;
  const isSplittable = typeof arity !== 'string' && kinds.length === 1 && values.length > 1;
  const fix = isSplittable
    ? `Write ${values.map((value) => `${name}(${quote(value)})`).join(' || ')}`
    : `Give ${name} ${describe(arity)}`;
  return { code: 'RULE-03', value: values.map(quote).join(', '), message, fix };
}

function describe(arity: MatcherSpec['arity']): string {
  if (arity === 'some') return 'at least one value';
  if (arity === 'pairs') return 'values in pairs';
  return arity.length === 1 && arity[0] === 1 ? 'one value' : `${arity.join(' or ')} values`;
}

/** Half of a surrogate pair has no UTF-8. */
function encodingFinding(value: string): Finding | undefined {
  if (!/\p{Surrogate}/u.test(value)) return undefined;
  return { code: 'RULE-10', value, message: 'this value is not UTF-8', fix: 'Write characters, not bytes' };
}

function emptyFinding({ name }: MatcherSpec): Finding {
  return { code: 'RULE-04', value: '', message: `a value of ${name} is empty`, fix: 'Give a value, or leave it out' };
}
