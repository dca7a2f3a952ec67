import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument, PolicyStatement, TrustPolicy } from '../../lib/model/iam';

/** What is asked of AWS, as its authorization sees it. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
  /** Who asks: the ARN of a role, session or user, a service or a provider of tokens. */
  readonly principal?: string;
  /** Who may take the role that is asked for; where it is somebody of another account, both sides must permit it. */
  readonly trust?: TrustPolicy;
}

const NOBODY = 'arn:aws:iam::123456789012:role/tried';

/** Whether an identity with these policies may do that, by the rules of IAM: statements, resources and conditions. */
export async function isPermitted(policies: readonly PolicyDocument[], request: IamRequest): Promise<boolean> {
  const { principal = NOBODY, action, resource, context, trust } = request;
  const answer = await runSimulation(
    {
      request: {
        principal,
        action,
        // Those of Route 53 name no account.
        resource: { resource, accountId: resource.split(':')[4] || principal.split(':')[4] || '123456789012' },
        contextVariables: withKnownProvider(context),
      },
      identityPolicies: policies.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(trust === undefined
        ? {}
        : { resourcePolicy: { ...trust, Statement: trust.Statement.map(keysOfKnownProvider) } }),
    },
    {},
  );
  if (answer.resultType === 'error') throw new Error(`${request.action}: ${JSON.stringify(answer)}`);
  return answer.overallResult === 'Allowed';
}

/** What a token says, under the name of a provider of tokens that the simulator knows: those of clusters it does not. */
function withKnownProvider<Value>(keys: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key.replace(/^oidc\..+:(aud|sub)$/, 'accounts.google.com:$1'), value]),
  );
}

function keysOfKnownProvider(statement: TrustPolicy['Statement'][number]): TrustPolicy['Statement'][number] {
  const { Condition } = statement;
  if (Condition === undefined) return statement;
  const operators = Object.entries(Condition).map(([operator, keys]) => [operator, withKnownProvider(keys)]);
  return { ...statement, Condition: Object.fromEntries(operators) };
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

/** `policy` without one of its parts, each once. */
export function narrower(policy: PolicyDocument): [string, PolicyDocument][] {
  return policy.Statement.flatMap((statement, index) => {
    const put = (changed: PolicyStatement[]): PolicyDocument => ({
      ...policy,
      Statement: policy.Statement.flatMap((each, place) => (place === index ? changed : [each])),
    });
    const { Sid, Action, Resource, Condition = {} } = statement;
    const without = (list: readonly string[], item: string) => list.filter((each) => each !== item);
    return [
      [`statement ${Sid}`, put([])],
      ...(Action.length < 2 ? [] : Action).map((each): [string, PolicyDocument] => [
        `${Sid}: ${each}`,
        put([{ ...statement, Action: without(Action, each) }]),
      ]),
      ...(Resource.length < 2 ? [] : Resource).map((each): [string, PolicyDocument] => [
        `${Sid}: ${each}`,
        put([{ ...statement, Resource: without(Resource, each) }]),
      ]),
      ...Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.entries(keys).flatMap(([key, values]) =>
          (values.length < 2 ? [] : values).map((each): [string, PolicyDocument] => [
            `${Sid}: ${each} of ${key}`,
            put([{ ...statement, Condition: { ...Condition, [operator]: { ...keys, [key]: without(values, each) } } }]),
          ]),
        ),
      ),
    ] as [string, PolicyDocument][];
  });
}

/** `policy` without one of its conditions, and with every zone in place of its own. */
export function wider(policy: PolicyDocument): [string, PolicyDocument][] {
  return policy.Statement.flatMap((statement, index) => {
    const put = (changed: PolicyStatement): PolicyDocument => ({
      ...policy,
      Statement: policy.Statement.map((each, place) => (place === index ? changed : each)),
    });
    const { Sid, Resource, Condition = {} } = statement;
    const isOfZones = Resource.some((each) => each.includes('hostedzone'));
    return [
      ...Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key): [string, PolicyDocument] => {
          const { [key]: _, ...others } = keys;
          return [`${Sid}: ${key}`, put({ ...statement, Condition: { ...Condition, [operator]: others } })];
        }),
      ),
      ...(isOfZones
        ? ([[`${Sid}: its zones`, put({ ...statement, Resource: ['arn:aws:route53:::hostedzone/*'] })]] as [
            string,
            PolicyDocument,
          ][])
        : []),
    ];
  });
}
