import type { PodIdentityAssociation, PolicyDocument, TrustPolicy } from '../../../../lib/model/iam';

/** A role or user of an account, with exactly the documents that were emitted for it. */
export interface Principal {
  readonly arn: string;
  readonly account: string;
  readonly policies: readonly PolicyDocument[];
  readonly trust?: TrustPolicy;
  readonly association?: PodIdentityAssociation;
}

/** The account of the cluster. */
export const OWN_ACCOUNT = '123456789012';

/** The role of the nodes. */
export const NODES = `arn:aws:iam::${OWN_ACCOUNT}:role/nodes`;

/** The role of the nodes with all that was emitted, as somebody attaches it who gives pods no identity of their own. */
export function nodesWith(emitted: readonly Principal[]): Principal[] {
  return [{ arn: NODES, account: OWN_ACCOUNT, policies: emitted.flatMap(({ policies }) => policies) }];
}

/** What the files below `dist/iam/` make of IAM: a role where somebody may take it, else a user with that policy. */
export function principalsOf(files: Readonly<Record<string, string>>): Principal[] {
  const read = (path: string) => (files[path] === undefined ? undefined : JSON.parse(files[path]));
  return Object.keys(files).flatMap((path) => {
    const [, account = OWN_ACCOUNT, name] = /^iam\/(?:(\d{12})\/)?([^/]+)\.policy\.json$/.exec(path) ?? [];
    if (name === undefined) return [];
    const base = path.replace(/\.policy\.json$/, '');
    const trust: TrustPolicy | undefined = read(`${base}.trust.json`);
    return {
      arn: `arn:aws:iam::${account}:${trust === undefined ? 'user' : 'role'}/${name}`,
      account,
      policies: [read(path)],
      trust,
      association: read(`${base}.association.json`),
    };
  });
}
