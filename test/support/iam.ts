import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from '../../lib/model/iam';

/** What is asked of AWS, as its authorization sees it. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string[]>>;
}

/** Whether an identity with these policies may do that, by the rules of IAM: statements, resources and conditions. */
export async function isPermitted(policies: readonly PolicyDocument[], request: IamRequest): Promise<boolean> {
  const answer = await runSimulation(
    {
      request: {
        principal: 'arn:aws:iam::123456789012:role/tried',
        action: request.action,
        resource: { resource: request.resource, accountId: '123456789012' },
        contextVariables: { ...request.context },
      },
      identityPolicies: policies.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(`${request.action}: ${JSON.stringify(answer)}`);
  return answer.overallResult === 'Allowed';
}

/** A record in a change. */
export interface Change {
  readonly action: string;
  readonly type: string;
  readonly name: string;
}

/** A change of records in a zone, as Route 53 describes it to IAM. */
export function changeRequest(zoneId: string, changes: readonly Change[], partition = 'aws'): IamRequest {
  const all = (values: readonly string[]) => [...new Set(values)].sort();
  return {
    action: 'route53:ChangeResourceRecordSets',
    resource: `arn:${partition}:route53:::hostedzone/${zoneId}`,
    context: {
      'route53:ChangeResourceRecordSetsActions': all(changes.map(({ action }) => action)),
      'route53:ChangeResourceRecordSetsRecordTypes': all(changes.map(({ type }) => type)),
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': all(changes.map(({ name }) => normalized(name))),
    },
  };
}

/** Lower case, without the dot at the end, and what is no letter, digit, hyphen, underscore or dot as its octal code. */
function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/[^a-z0-9._-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** A request without conditions. */
export function plainRequest(action: string, resource: string): IamRequest {
  return { action, resource, context: {} };
}
