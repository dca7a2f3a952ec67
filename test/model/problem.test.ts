import { inspect } from 'node:util';
import fc from 'fast-check';
import { locate, type Problem, printProblem, TraefikHaError } from '../../lib/model/problem';

const problem: Problem = {
  code: 'HOST-01',
  at: 'app/shop/web',
  value: 'localhost',
  message: 'not a fully qualified host name',
  fix: 'Use shop.example.com',
};

test('a problem is printed in one line: code, place, fault, value, remedy', () => {
  expect(printProblem(problem)).toBe(
    'HOST-01 [app/shop/web] not a fully qualified host name (localhost). Use shop.example.com',
  );
});

test('where nothing was given no value is shown', () => {
  expect(printProblem({ ...problem, value: '' })).toBe(
    'HOST-01 [app/shop/web] not a fully qualified host name. Use shop.example.com',
  );
});

test('quotes and backslashes stay readable, control characters are escaped, long values are cut', () => {
  const shown = (value: string) => /\((.*)\)/.exec(printProblem({ ...problem, value }))?.[1];
  expect(shown('Header(`a`, "b")')).toBe('Header(`a`, "b")');
  expect(shown('^\\d+\\."$')).toBe('^\\d+\\."$');
  expect(shown('a\r\n\u001b[31mb\u009b')).toBe('a\\r\\n\\u001b[31mb\\u009b');
  expect(shown('a'.repeat(120))).toBe('a'.repeat(120));
  expect(shown('a'.repeat(121))).toBe(`${'a'.repeat(117)}...`);
});

test('a problem stays one line without control characters, whatever its texts hold', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', '\u0085', '\u2028', '\u2029', '\u007f'));
  fc.assert(
    fc.property(text, text, text, text, (at, value, message, fix) => {
      expect(printProblem({ code: 'HOST-01', at, value, message, fix })).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    }),
  );
});

test('a place is added to each finding', () => {
  const { at, ...finding } = problem;
  const other = { ...finding, code: 'HOST-02' };
  expect(locate([finding, other], at)).toEqual([problem, { ...problem, code: 'HOST-02' }]);
});

test('the error says every problem', () => {
  const other = { ...problem, code: 'DNS-01', value: '', message: 'no targets', fix: 'Give one' };
  const error = new TraefikHaError([problem, other]);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('TraefikHaError');
  expect(error.problems).toEqual([problem, other]);
  expect(error.message).toBe(`${printProblem(problem)}\n${printProblem(other)}`);
});

test('an error that is not caught shows each problem once, and no line of the library', () => {
  const shown = (...problems: Problem[]) => inspect(new TraefikHaError(problems));
  const line = printProblem(problem);
  expect(shown(problem)).toBe(`TraefikHaError: one problem\n\n${line}\n\n    at app.synth()`);
  expect(shown(problem, problem)).toBe(`TraefikHaError: 2 problems\n\n${line}\n${line}\n\n    at app.synth()`);
});
