/** What comes before what: a router is written when all is there that it names, and deleted before that is. */
const ORDER = ['options', 'stores', 'certificates', 'serversTransports', 'services', 'middlewares', 'routers'];

/** Sorts keys below `rootKey` as they are written. */
export function inOrder(rootKey: string): (a: string, b: string) => number {
  const rank = (key: string) => ORDER.indexOf(key.slice(rootKey.length + 1).split('/')[1] ?? '');
  return (a, b) => rank(a) - rank(b) || (a < b ? -1 : 1);
}
