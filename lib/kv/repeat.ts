import type { Finding } from '../model/problem';

/** KV-16 for minutes until a seed is repeated that no schedule can say. */
export function repeatFindings(minutes: number | undefined): Finding[] {
  if (minutes === undefined || (Number.isInteger(minutes) && minutes >= 1 && minutes <= 59)) return [];
  return [
    {
      code: 'KV-16',
      value: String(minutes),
      message: 'repeatMinutes is a whole number from 1 to 59',
      fix: 'Give 5, or leave it out for once',
    },
  ];
}
