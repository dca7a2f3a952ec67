/** `text` in base64, as stores take what is binary or of several lines. */
export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
