import { join } from 'node:path';
import type { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { type AppFile, addFiles, IAM_FOLDER, writeFiles } from './app-files';
import { perApp } from './cluster';
import type { IamGrant } from './model/iam';
import { report } from './report';

/** The grants of an app, by name: policies and roles are those of an account, whatever the cluster. */
const grantsOf = perApp((app) => {
  addFiles(app, 'iam', () => iamFiles(app));
  return new Map<string, { readonly grant: IamGrant; readonly at: string }>();
});

/**
 * Notes what `construct` must be permitted at AWS, for {@link writeIamDocuments}.
 * Reports AWS-05 where another construct needs something else under the same name.
 */
export function addIamGrant(construct: IConstruct, grant: IamGrant): void {
  const grants = grantsOf(construct);
  const first = grants.get(grant.name);
  if (!first) grants.set(grant.name, { grant, at: construct.node.path });
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
}

/** What the constructs of an app must be permitted at AWS, in the order of their names. */
export function iamGrants(scope: IConstruct): IamGrant[] {
  const grants = [...grantsOf(scope).values()].map(({ grant }) => grant);
  return grants.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Writes the policies and trust policies of `app` as files, ready for
 * `aws iam create-policy --policy-document file://…` and `aws iam create-role --assume-role-policy-document file://…`.
 * Call it after `app.synth()`, which throws first where something is wrong; {@link EdgeApp} does.
 *
 * @returns the paths written: `iam/<name>.policy.json`, and `iam/<name>.trust.json` where there is a role.
 */
export function writeIamDocuments(app: App): string[] {
  return writeFiles(app, 'iam');
}

function iamFiles(app: IConstruct): AppFile[] {
  const file = (name: string, document: object): AppFile => ({
    path: join(IAM_FOLDER, name),
    text: `${JSON.stringify(document, null, 2)}\n`,
  });
  return iamGrants(app).flatMap(({ name, policyDocument, trustPolicy }) => [
    file(`${name}.policy.json`, policyDocument),
    ...(trustPolicy ? [file(`${name}.trust.json`, trustPolicy)] : []),
  ]);
}
