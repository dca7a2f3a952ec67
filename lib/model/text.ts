/**
 * Control characters, halves of pairs, and what YAML takes for a line break or for nothing: a manifest with one of them
 * is refused, or read as another text.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufeff\ufffe\uffff]/u;

/** Whether `text` reaches the cluster as it was given. */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}
