import { forgottenSeconds } from './drain';

/** What is done at one point of a {@link LeavePlan}. */
export type PlanStepKind = 'withdraw' | 'wait' | 'drain' | 'replace' | 'verify' | 'restore';

/** One step: what it is for, what a person does, what a machine does. */
export interface PlanStep {
  readonly kind: PlanStepKind;
  /** Who leaves: a node, or a whole edge. */
  readonly who: string;
  /** What is done, and why, in one sentence. */
  readonly says: string;
  /** Commands for a shell, in this order; each waits until it is done, and fails where it is not. */
  readonly commands: readonly string[];
  /** What no command can do, in one sentence: a person does it before the commands. */
  readonly byHand?: string;
  /** How long to wait when that is done. */
  readonly waitSeconds?: number;
}

/** What {@link leavePlan} is told of one step. */
export type PlanAction = Pick<PlanStep, 'says' | 'commands' | 'byHand'>;

/** Who leaves DNS and comes back, and how. */
export interface Leaving {
  readonly who: string;
  /** How long resolvers may keep the answer that led to it. */
  readonly ttlSeconds: number;
  /** Takes it out of DNS. */
  readonly withdraw: PlanAction;
  /** Moves away what runs there. */
  readonly drain?: PlanAction;
  /** What it left for. */
  readonly replace?: PlanAction;
  /** Looks whether it can be sent to again, while nobody is. */
  readonly verify?: PlanAction;
  /** Puts it back into DNS. */
  readonly restore: PlanAction;
}

/**
 * The steps by which something leaves DNS without a failed request of clients that honour the time to live, and comes
 * back: withdraw, wait, drain, replace, verify, restore, and wait until everyone knows before another goes.
 *
 * The first wait is {@link forgottenSeconds}; the second is as long, since a resolver that asked just before was told
 * of everyone else only.
 */
export function leavePlan({ who, ttlSeconds, withdraw, drain, replace, verify, restore }: Leaving): PlanStep[] {
  const step = (kind: PlanStepKind, action: PlanAction | undefined): PlanStep[] =>
    action === undefined ? [] : [{ kind, who, ...action }];
  const wait = (says: string): PlanStep => ({
    ...{ kind: 'wait', who, says, commands: [] },
    waitSeconds: forgottenSeconds(ttlSeconds),
  });
  return [
    ...step('withdraw', withdraw),
    wait(`Resolvers keep the answer for ${ttlSeconds} s once the servers of the zone have let go of it.`),
    ...step('drain', drain),
    ...step('replace', replace),
    ...step('verify', verify),
    ...step('restore', restore),
    wait('Nobody else leaves before resolvers know that it is back.'),
  ];
}

/** How long `steps` wait in all, in seconds; what people and machines do comes on top. */
export function waitedSeconds(steps: readonly PlanStep[]): number {
  return steps.reduce((sum, { waitSeconds = 0 }) => sum + waitSeconds, 0);
}
