import type { Size } from 'cdk8s';
import { mebibytes } from '../traefik/workload';
import type { StackMount, StackServiceSpec } from './stack-file';

/** Nobody in particular: the user that containers run as which own nothing. */
export const NOBODY = '65532:65532';

/** Where anything may be written, and nothing stays. */
export const TMP: StackMount = { type: 'tmpfs', target: '/tmp', tmpfs: { size: 64 * 1024 * 1024 } };

/** A container that changes nothing of its image, and can do nothing that a user couldn't. */
export const LOCKED: Pick<StackServiceSpec, 'read_only' | 'cap_drop'> = { read_only: true, cap_drop: ['ALL'] };

/** `size` at most, as a stack file writes it. */
export function memoryLimit(size: Size) {
  return { limits: { memory: `${mebibytes(size)}M` } };
}

/** One task after the other, back to what ran before where the new one does not come up. */
export const ONE_BY_ONE = {
  update_config: {
    parallelism: 1,
    delay: '10s',
    monitor: '30s',
    order: 'stop-first',
    failure_action: 'rollback',
  },
  rollback_config: { parallelism: 1, delay: '10s', monitor: '30s', order: 'stop-first', failure_action: 'pause' },
} as const;
