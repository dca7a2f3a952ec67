import { createHash } from 'node:crypto';
import { madeOf } from './model/token';

/** The beginning of the SHA-256 of `text`, in so many hexadecimal letters: it changes with the text. */
export function digestOf(text: string, letters = 16): string {
  return madeOf(text, (known) => createHash('sha256').update(known).digest('hex').slice(0, letters));
}
