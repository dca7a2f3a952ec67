import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { markdownTable } from 'markdown-table';

interface Measurement {
  readonly routes: number;
  readonly objects: number;
  /** Milliseconds, median. */
  readonly constructs: number;
  readonly bare: number;
  /** Median of the rounds' own. */
  readonly ratio: number;
  readonly maxRssMegabytes: number;
}

function measure(routes: number, rounds: number): Measurement {
  const script = join(import.meta.dirname, 'synthesis-run.ts');
  const args = ['--expose-gc', '--import', 'tsx', script, String(routes), String(rounds)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

/** What constructs cost over the objects that they make, and how that grows. */
export function synthesis(): string {
  const measurements = [measure(1_000, 41), measure(10_000, 5)];
  const perObject = ({ constructs, objects }: Measurement) => (constructs * 1000) / objects;
  const smallest = measurements[0];
  const rows = measurements.map((measurement) => [
    measurement.routes.toLocaleString('en'),
    measurement.objects.toLocaleString('en'),
    `${measurement.bare.toFixed(0)} ms`,
    `${measurement.constructs.toFixed(0)} ms`,
    measurement.ratio.toFixed(2),
    `${perObject(measurement).toFixed(0)} µs`,
    smallest ? (perObject(measurement) / perObject(smallest)).toFixed(2) : '',
    `${measurement.maxRssMegabytes.toFixed(0)} MB`,
  ]);
  const head = [
    'routes',
    'objects',
    'bare ApiObjects',
    'constructs',
    'ratio',
    'per object',
    'growth',
    'memory of both',
  ];
  return markdownTable([head, ...rows], { align: head.map(() => 'r') });
}
