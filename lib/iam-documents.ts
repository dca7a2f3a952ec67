import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { perApp } from './cluster';
import type { IamGrant } from './model/iam';
import { TraefikHaError } from './model/problem';
import { report } from './report';
import { tokenProblems } from './tokens-in-files';

/** The grants of an app, by name: policies and roles are those of an account, whatever the cluster. */
const grantsOf = perApp(() => new Map<string, { readonly grant: IamGrant; readonly at: string }>());

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
  const folder = join(app.outdir, IAM_FOLDER);
  const files = iamGrants(app).flatMap(({ name, policyDocument, trustPolicy }) => [
    { path: join(folder, `${name}.policy.json`), document: policyDocument },
    ...(trustPolicy ? [{ path: join(folder, `${name}.trust.json`), document: trustPolicy }] : []),
  ]);
  if (files.length > 0) mkdirSync(folder, { recursive: true });
  for (const { path, document } of files) writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
  return files.map(({ path }) => path);
}

/**
 * A cdk8s app that writes its IAM documents as well, and first takes away what an earlier synthesis wrote: a manifest
 * that stays behind would be applied with the others. Where something is wrong, nothing is touched.
 */
export class EdgeApp extends App {
  public override synth(): void {
    const problems = tokenProblems(this);
    if (problems.length > 0) throw new TraefikHaError(problems);
    const isValid = this.node.findAll().every(({ node }) => node.validate().length === 0);
    if (isValid) this.removeOldFiles();
    super.synth();
    writeIamDocuments(this);
  }

  private removeOldFiles(): void {
    for (const folder of [this.outdir, join(this.outdir, IAM_FOLDER)]) {
      const names = existsSync(folder) ? readdirSync(folder) : [];
      const old = names.filter((name) => name.endsWith(this.outputFileExtension) || IAM_FILE.test(name));
      for (const name of old) rmSync(join(folder, name));
    }
  }
}

/** A folder of its own: `kubectl apply -f dist/` reads .json files as manifests, but does not descend. */
const IAM_FOLDER = 'iam';

const IAM_FILE = /\.(policy|trust)\.json$/;
