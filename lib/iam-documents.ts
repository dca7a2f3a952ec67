import { join } from 'node:path';
import type { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { type AppFile, addFiles, IAM_FOLDER, writeFiles } from './app-files';
import { Cluster, perApp } from './cluster';
import { type IamGrant, managedPolicies, type PolicyStatement } from './model/iam';
import type { Finding } from './model/problem';
import { report } from './report';

/** The grants of an app, by name: policies and roles are those of an account, whatever the cluster. */
const grantsOf = perApp((app) => {
  addFiles(app, 'iam', () => iamFiles(app));
  return new Map<string, { grant: IamGrant; readonly at: string; readonly cluster: IConstruct }>();
});

/** A grant as it is when the app is complete. */
export interface NotedGrant {
  /** What all who share it need. */
  readonly grant: IamGrant;
  /** Whether another construct of the cluster needs the same role, and made it already. */
  readonly isMade: boolean;
}

/**
 * Notes what `construct` must be permitted at AWS, for {@link writeIamDocuments}. Several constructs that one role is
 * for, taken by the same account, add to what it may do.
 *
 * Reports AWS-05 where another construct needs something else under the same name, AWS-15 where EKS would have to give a
 * ServiceAccount two roles.
 */
export function addIamGrant(construct: IConstruct, grant: IamGrant): NotedGrant {
  const grants = grantsOf(construct);
  const key = placeOf(grant);
  const first = grants.get(key);
  if (!first) {
    const noted = { grant, at: construct.node.path, cluster: Cluster.of(construct) };
    report(construct, associationFindings(grant, grants.values()));
    grants.set(key, noted);
    return Object.assign(noted, { isMade: false });
  }
  const isShared = isSameRole(first.grant, grant);
  if (isShared) first.grant = merged(first.grant, grant);
  else if (JSON.stringify(first.grant) !== JSON.stringify(grant)) {
    report(construct, [
      {
        code: 'AWS-05',
        value: grant.name,
        message: `${first.at} has a policy or role of that name with other content, and one would overwrite the other`,
        fix: 'Give one of them another name, or another roleName where the identity says one',
      },
    ]);
  }
  return {
    get grant() {
      return first.grant;
    },
    isMade: isShared && first.cluster === Cluster.of(construct),
  };
}

function isSameRole(a: IamGrant, b: IamGrant): boolean {
  const roleOf = ({ trustPolicy, association }: IamGrant) => JSON.stringify([trustPolicy, association]);
  return a.trustPolicy !== undefined && roleOf(a) === roleOf(b);
}

/** `first` with what `next` permits beside it. */
function merged(first: IamGrant, next: IamGrant): IamGrant {
  const statements = new Map(first.policyDocument.Statement.map((each) => [meaningOf(each), each]));
  for (const statement of next.policyDocument.Statement) {
    const known = statements.get(meaningOf(statement));
    const resources = new Set([...(known?.Resource ?? []), ...statement.Resource]);
    statements.set(meaningOf(statement), { ...statement, Resource: [...resources].sort() });
  }
  return { ...first, policyDocument: { ...first.policyDocument, Statement: [...statements.values()] } };
}

function meaningOf({ Resource: _, ...statement }: PolicyStatement): string {
  return JSON.stringify(statement);
}

function associationFindings({ association }: IamGrant, others: Iterable<{ grant: IamGrant; at: string }>): Finding[] {
  if (association === undefined) return [];
  const { roleArn: _, ...account } = association;
  const other = [...others].find(({ grant }) => {
    const { roleArn: __, ...theirs } = grant.association ?? { roleArn: '' };
    return JSON.stringify(theirs) === JSON.stringify(account);
  });
  if (other === undefined) return [];
  return [
    {
      code: 'AWS-15',
      value: `${account.namespace}/${account.serviceAccount}`,
      message: `${other.at} has EKS give this ServiceAccount another role, and it can have one only`,
      fix: "Give all identities of the ServiceAccount the same roleName: AwsIdentity.podIdentity({ clusterArn, roleName: 'cert-manager' })",
    },
  ];
}

/** What the constructs of an app must be permitted at AWS, in the order of their names, those of other accounts first. */
export function iamGrants(scope: IConstruct): IamGrant[] {
  const grants = [...grantsOf(scope).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return grants.map(([, { grant }]) => grant);
}

/**
 * Writes the policies and trust policies of `app` as files, ready for
 * `aws iam create-policy --policy-document file://…`, `aws iam create-role --assume-role-policy-document file://…` and
 * `aws eks create-pod-identity-association --cli-input-json file://…`.
 * Call it after `app.synth()`, which throws first where something is wrong; {@link EdgeApp} does.
 *
 * @returns the paths written: `iam/<name>.policy.json`, `iam/<name>.trust.json` where there is a role, and
 * `iam/<name>.association.json` with EKS Pod Identity. More zones than one policy can name make `<name>-2.policy.json`
 * and so on; what is of another account is in a folder of its number.
 */
export function writeIamDocuments(app: App): string[] {
  return writeFiles(app, 'iam');
}

function iamFiles(app: IConstruct): AppFile[] {
  const file = (name: string, document: object): AppFile => ({
    path: join(IAM_FOLDER, name),
    text: `${JSON.stringify(document, null, 2)}\n`,
  });
  return iamGrants(app).flatMap((grant) => {
    const { policyDocument, trustPolicy, association } = grant;
    const place = placeOf(grant);
    return [
      ...managedPolicies(place, policyDocument).map(({ name, document }) => file(`${name}.policy.json`, document)),
      ...(trustPolicy ? [file(`${place}.trust.json`, trustPolicy)] : []),
      ...(association ? [file(`${place}.association.json`, association)] : []),
    ];
  });
}

/** Where the documents of a grant are: by its name, below the number of its account where that is another one. */
function placeOf({ account, name }: IamGrant): string {
  return account === undefined ? name : `${account}/${name}`;
}
