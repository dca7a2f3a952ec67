/**
 * What changes as one with `key`: all of a router, a service, a certificate with its key. It is told by the path below
 * the root key; the scripts in containers are told it, and know nothing of paths.
 */
export function unitOf(key: string, rootKey: string): string {
  return key
    .split('/')
    .slice(0, rootKey.split('/').length + 3)
    .join('/');
}
