import { base64 } from './base64';
import type { KvEntriesOptions, KvEntry } from './entries';
import { inOrder } from './order';
import { unitOf } from './unit';

/** One change of a store. */
export type KvOperation =
  | { readonly verb: 'set'; readonly key: string; readonly value: string }
  | { readonly verb: 'delete'; readonly key: string };

/** What leads from the keys that were written before to a configuration. */
export interface KvChangeOptions extends KvEntriesOptions {
  /**
   * The keys that the same writer wrote before, and no others: what is not among `entries` is deleted.
   * @default - none, so that nothing is deleted
   */
  readonly written?: readonly string[];
}

/** Consul takes 128 operations at most, etcd as many unless told otherwise. */
const MOST_OPERATIONS = 64;
/** Consul takes some 500 kB in a call, and base64 makes four bytes of three. */
const MOST_BYTES = 300_000;

/**
 * The changes that write `entries`, transaction by transaction. What belongs together (a router, a service, a
 * certificate with its key) changes in one, unless it is larger than a store takes; what is gone as a whole is deleted
 * last, in the opposite order.
 */
export function kvTransactions(
  entries: readonly KvEntry[],
  { rootKey = 'traefik', written = [] }: KvChangeOptions = {},
): KvOperation[][] {
  const units = new Map<string, KvOperation[]>();
  const add = (operation: KvOperation) => {
    const unit = unitOf(operation.key, rootKey);
    const known = units.get(unit);
    if (known) known.push(operation);
    else units.set(unit, [operation]);
  };
  for (const entry of entries) add({ verb: 'set', ...entry });
  const kept = new Set(entries.map(({ key }) => key));
  const gone = written.filter((key) => !kept.has(key)).sort(inOrder(rootKey));
  for (const key of gone.reverse()) add({ verb: 'delete', key });
  return chunks([...units.values()].flatMap(slices));
}

function slices(unit: readonly KvOperation[]): KvOperation[][] {
  const parts: KvOperation[][] = [];
  for (let from = 0; from < unit.length; from += MOST_OPERATIONS) parts.push(unit.slice(from, from + MOST_OPERATIONS));
  return parts;
}

function chunks(units: readonly KvOperation[][]): KvOperation[][] {
  const all: KvOperation[][] = [];
  for (const unit of units) {
    const last = all.at(-1);
    const together = [...(last ?? []), ...unit];
    if (last !== undefined && together.length <= MOST_OPERATIONS && bytes(together) <= MOST_BYTES) last.push(...unit);
    else all.push([...unit]);
  }
  return all;
}

function bytes(operations: readonly KvOperation[]): number {
  return operations.reduce(
    (sum, each) => sum + Buffer.byteLength(each.key) + ('value' in each ? Buffer.byteLength(each.value) : 0),
    0,
  );
}

/**
 * A transaction as Consul takes it: the body of `PUT /v1/txn`.
 *
 * @see https://developer.hashicorp.com/consul/api-docs/txn
 */
export function consulTransaction(operations: readonly KvOperation[]): object[] {
  return operations.map((each) => ({
    KV:
      each.verb === 'set'
        ? { Verb: 'set', Key: each.key, Value: base64(each.value) }
        : { Verb: 'delete', Key: each.key },
  }));
}

/**
 * Entries as `consul kv import` takes them. It writes them one by one, so that Traefik may read half of them: for what
 * is served already, take {@link consulTransaction}.
 *
 * @see https://developer.hashicorp.com/consul/commands/kv/import
 */
export function consulImport(entries: readonly KvEntry[]): object[] {
  return entries.map(({ key, value }) => ({ key, flags: 0, value: base64(value) }));
}

/**
 * A transaction as etcd's JSON gateway takes it: the body of `POST /v3/kv/txn`.
 *
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export function etcdTransaction(operations: readonly KvOperation[]): object {
  return {
    success: operations.map((each) =>
      each.verb === 'set'
        ? { requestPut: { key: base64(each.key), value: base64(each.value) } }
        : { requestDeleteRange: { key: base64(each.key) } },
    ),
  };
}

/**
 * A transaction as commands of Redis, a list of words each, between MULTI and EXEC. Traefik lists the keys of a Redis
 * piece by piece, so that it may still see half of a change for a moment; every key that is written makes it read again.
 *
 * @see https://redis.io/docs/latest/develop/using-commands/transactions/
 */
export function redisCommands(operations: readonly KvOperation[]): string[][] {
  return [
    ['MULTI'],
    ...operations.map((each) => (each.verb === 'set' ? ['SET', each.key, each.value] : ['DEL', each.key])),
    ['EXEC'],
  ];
}
