import { isSelected, parseSelector } from '../../lib/rotater/selector';

const selects = (selector: string, labels: Record<string, string>) => {
  const parsed = parseSelector(selector);
  if (parsed === undefined) throw new Error(`${selector} is not read`);
  return isSelected(parsed, labels);
};

test.each([
  ['', {}, true],
  ['team=shop', { team: 'shop' }, true],
  ['team==shop', { team: 'blog' }, false],
  ['team!=shop', { team: 'shop' }, false],
  ['team!=shop', {}, true],
  ['team', { team: '' }, true],
  ['team', {}, false],
  ['!team', {}, true],
  ['!team', { team: 'shop' }, false],
  ['tier in (a, b)', { tier: 'b' }, true],
  ['tier in (a, b)', {}, false],
  ['tier notin (a,b)', { tier: 'b' }, false],
  ['tier notin (a,b)', {}, true],
  ['team=shop, tier in (a,b), !legacy', { team: 'shop', tier: 'a' }, true],
  ['team=shop, tier in (a,b), !legacy', { team: 'shop', tier: 'a', legacy: 'yes' }, false],
  ['constructor', {}, false],
  ['!toString', {}, true],
  ['app.kubernetes.io/name=web', { 'app.kubernetes.io/name': 'web' }, true],
])('%p with %p: %p', (selector, labels, expected) => {
  expect(selects(selector, labels)).toBe(expected);
});

test.each(['a b', 'in (a)', 'tier in a', '=x', 'a=b c', '!!a'])('%p is none', (selector) => {
  expect(parseSelector(selector)).toBeUndefined();
});
