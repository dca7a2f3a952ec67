import { forgottenSeconds } from '../../lib/model/drain';
import { leavePlan, waitedSeconds } from '../../lib/model/leave-plan';

const action = (says: string) => ({ says, commands: [says] });

test('who leaves is waited for before anything else happens, and before another may leave', () => {
  const steps = leavePlan({
    ...{ who: 'blue', ttlSeconds: 60 },
    withdraw: action('withdraw'),
    drain: action('drain'),
    replace: action('replace'),
    verify: action('verify'),
    restore: action('restore'),
  });
  expect(steps.map(({ kind, commands, waitSeconds }) => [kind, commands.join(), waitSeconds])).toEqual([
    ['withdraw', 'withdraw', undefined],
    ['wait', '', 180],
    ['drain', 'drain', undefined],
    ['replace', 'replace', undefined],
    ['verify', 'verify', undefined],
    ['restore', 'restore', undefined],
    ['wait', '', 180],
  ]);
  expect(new Set(steps.map(({ who }) => who))).toEqual(new Set(['blue']));
  expect(waitedSeconds(steps)).toBe(2 * forgottenSeconds(60));
});

test('a whole edge has nothing to be drained or replaced', () => {
  const steps = leavePlan({ who: 'blue', ttlSeconds: 5, withdraw: action('0 %'), restore: action('100 %') });
  expect(steps.map(({ kind }) => kind)).toEqual(['withdraw', 'wait', 'restore', 'wait']);
});
