let list: typeof import('tldts') | undefined;

/**
 * Whether `host`, which may be a wildcard, is one that domains are registered below, such as `co.uk`.
 *
 * The list is loaded on first use: it weighs as much as the rest of the library, and only public CAs are asked by it.
 *
 * @see https://publicsuffix.org/
 */
export function isPublicSuffix(host: string): boolean {
  list ??= require('tldts') as typeof import('tldts');
  return list.getDomain(host.replace(/^\*\./, '')) === null;
}
