import { perCluster } from './cluster';
import type { KvStore } from './model/kv-store';

/** A construct that serves what is in a store. */
export interface KvReader {
  readonly store: KvStore;
  readonly at: string;
  /** What it is, such as `TraefikHA`. */
  readonly kind: string;
}

/** Who serves from which store, so that whoever fills one knows what else is served there. */
export const kvReadersOf = perCluster((): KvReader[] => []);
