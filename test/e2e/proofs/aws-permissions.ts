import type { TrustPolicy } from '../../../lib/model/iam';
import { type IamRequest, isPermitted, narrower, wider } from '../../support/iam';
import type { Principal } from '../support/aws/accounts';
import type { Recorded } from '../support/aws/aws-api';

/** What of the emitted documents nobody needed, by what was recorded: each part is taken away in turn. */
export async function unneeded(principals: readonly Principal[], recorded: readonly Recorded[]): Promise<string[]> {
  const found: string[] = [];
  for (const principal of principals) {
    for (const policy of principal.policies) {
      const asked = requests(recorded, true, (each) => each.principal?.arn === principal.arn);
      for (const [part, document] of narrower(policy)) {
        const policies = principal.policies.map((each) => (each === policy ? document : each));
        if (await everything(asked, true, (request) => isPermitted(policies, request)))
          found.push(`${principal.arn}: ${part}`);
      }
    }
    const taken = recorded.filter(({ request, isPermitted }) => isPermitted && request.resource === principal.arn);
    for (const [part, trust] of principal.trust === undefined ? [] : withoutActions(principal.trust)) {
      const isUseless = await everything(taken, true, ({ request, principal: by }) =>
        isPermitted(by?.policies ?? [], { ...request, trust }),
      );
      if (isUseless) found.push(`${principal.arn}: trust: ${part}`);
    }
  }
  return found;
}

/** Which conditions and zones of the emitted documents kept nothing out of what was recorded as denied. */
export async function idle(principals: readonly Principal[], recorded: readonly Recorded[]): Promise<string[]> {
  const found: string[] = [];
  for (const principal of principals) {
    for (const policy of principal.policies) {
      const denied = requests(recorded, false, (each) => each.principal?.arn === principal.arn);
      for (const [part, document] of wider(policy)) {
        if (await everything(denied, false, (request) => isPermitted([document], request)))
          found.push(`${principal.arn}: ${part}`);
      }
    }
    const kept = recorded.filter(({ request, isPermitted }) => !isPermitted && request.resource === principal.arn);
    for (const [part, trust] of principal.trust === undefined ? [] : withoutConditions(principal.trust)) {
      const isUseless = await everything(kept, false, ({ request, principal: by }) =>
        isPermitted(by?.policies ?? [], { ...request, trust }),
      );
      if (isUseless) found.push(`${principal.arn}: trust: ${part}`);
    }
  }
  return found;
}

/** What was asked and answered so, each once. */
function requests(recorded: readonly Recorded[], permitted: boolean, which: (each: Recorded) => boolean): IamRequest[] {
  const chosen = recorded.filter((each) => each.isPermitted === permitted && which(each));
  return [...new Map(chosen.map(({ request }) => [JSON.stringify({ ...request, principal: '' }), request])).values()];
}

async function everything<Item>(
  list: readonly Item[],
  answer: boolean,
  ask: (item: Item) => Promise<boolean>,
): Promise<boolean> {
  for (const item of list) if ((await ask(item)) !== answer) return false;
  return true;
}

function withoutActions(trust: TrustPolicy): [string, TrustPolicy][] {
  return trust.Statement.flatMap((statement, index) =>
    statement.Action.map((action): [string, TrustPolicy] => [
      `${statement.Sid}: ${action}`,
      replaced(trust, index, { ...statement, Action: statement.Action.filter((each) => each !== action) }),
    ]),
  );
}

function withoutConditions(trust: TrustPolicy): [string, TrustPolicy][] {
  return trust.Statement.flatMap((statement, index) =>
    Object.keys(statement.Condition?.StringEquals ?? {}).map((key): [string, TrustPolicy] => {
      const { [key]: _, ...others } = statement.Condition?.StringEquals ?? {};
      return [
        `${statement.Sid}: ${key}`,
        replaced(trust, index, { ...statement, Condition: { StringEquals: others } }),
      ];
    }),
  );
}

type TrustStatement = TrustPolicy['Statement'][number];

/** A statement without actions is none. */
function replaced(trust: TrustPolicy, index: number, statement: TrustStatement): TrustPolicy {
  const put = statement.Action.length === 0 ? [] : [statement];
  return { ...trust, Statement: trust.Statement.flatMap((each, place) => (place === index ? put : [each])) };
}
