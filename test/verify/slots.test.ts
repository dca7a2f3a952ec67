import { Slots } from '../../lib/verify/live/slots';

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('no more work at a time than are let', async () => {
  const slots = new Slots(3, 60_000);
  let working = 0;
  let most = 0;
  const task = async () => {
    working += 1;
    most = Math.max(most, working);
    await pause(2);
    working -= 1;
  };
  await Promise.all(Array.from({ length: 30 }, () => slots.run(task)));
  expect(most).toBe(3);
});

test('those that only wait do not keep others from working, up to a number', async () => {
  const slots = new Slots(1, 5);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let waiting = 0;
  const silent = Array.from({ length: 20 }, () =>
    slots.run(async () => {
      waiting += 1;
      await released;
    }),
  );
  while (waiting < 8) await pause(5);
  await pause(50);
  expect(waiting).toBe(8);
  release();
  await Promise.all(silent);
  expect(waiting).toBe(20);
  // What is over gave its place back, once.
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((number) => slots.run(async () => void order.push(number))));
  expect(order).toEqual([1, 2, 3]);
});

test('a task that fails gives its place back', async () => {
  const slots = new Slots(1, 60_000);
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.run(async () => 'yes')).toBe('yes');
});
