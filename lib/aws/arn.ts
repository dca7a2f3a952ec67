/** The parts of an ARN that roles and policies are made of. */
export interface ArnParts {
  readonly partition: string;
  readonly account: string;
  /** What the account has under that name. */
  readonly name: string;
}

const OIDC_PROVIDER = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):oidc-provider\/([\w.-]+(?:\/[\w./-]+)?)$/;
const ROLE = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role\/([\w+=,.@/-]{1,576})$/;
const ROLE_OR_USER = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):((?:role|user)\/[\w+=,.@/-]{1,576})$/;
const CLUSTER =
  /^arn:(aws|aws-cn|aws-us-gov):eks:([a-z]{2}(?:-[a-z]+)+-\d):(\d{12}):cluster\/([A-Za-z0-9][\w-]{0,99})$/;

/** The parts of an OIDC provider's ARN, its name being that of the issuer; undefined where it is none. */
export function partsOfProvider(arn: string): ArnParts | undefined {
  return partsBy(OIDC_PROVIDER, arn);
}

/** The parts of a role's ARN, its name with its path; undefined where it is none. */
export function partsOfRole(arn: string): ArnParts | undefined {
  return partsBy(ROLE, arn);
}

/** The parts of the ARN of a role or a user; undefined where it is neither. */
export function partsOfPrincipal(arn: string): ArnParts | undefined {
  return partsBy(ROLE_OR_USER, arn);
}

/** The parts of the ARN of an EKS cluster; undefined where it is none. */
export function partsOfCluster(arn: string): (ArnParts & { readonly region: string }) | undefined {
  const [, partition, region, account, name] = CLUSTER.exec(arn) ?? [];
  if (partition === undefined || region === undefined || account === undefined || name === undefined) return undefined;
  return { partition, region, account, name };
}

function partsBy(form: RegExp, arn: string): ArnParts | undefined {
  const [, partition, account, name] = form.exec(arn) ?? [];
  if (partition === undefined || account === undefined || name === undefined) return undefined;
  return { partition, account, name };
}
