import { createPublicKey, type JsonWebKey, randomBytes, verify } from 'node:crypto';
import type { IamRequest } from '../../../support/iam';
import type { Principal } from './accounts';

/** Who has an access key: a role's session or a user. */
export interface Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent for the keys of a user. */
  readonly sessionToken?: string;
  /** As IAM names it in messages, and asks policies about it. */
  readonly arn: string;
  readonly principal: Principal;
  /** Marks of the session, which go along when it takes a further role. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What a ServiceAccount's token says, once its signature was verified. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
}

/** Keys of a principal: those of a session, or without its name those of a user. */
export function newCaller(principal: Principal, session?: string, tags: Caller['tags'] = {}): Caller {
  const random = (length: number) => randomBytes(length).toString('hex').toUpperCase().slice(0, length);
  const keys = { accessKeyId: `${session === undefined ? 'AKIA' : 'ASIA'}${random(16)}`, secretAccessKey: random(40) };
  if (session === undefined) return { ...keys, arn: principal.arn, principal, tags };
  const name = principal.arn.split('/').at(-1);
  const arn = `arn:aws:sts::${principal.account}:assumed-role/${name}/${session}`;
  return { ...keys, sessionToken: random(200), arn, principal, tags };
}

/** The claims of a token that one of these keys signed and that has not expired; undefined where it is none. */
export function claimsOf(token: string, keys: readonly JsonWebKey[]): Claims | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  const isSigned = keys.some((key) =>
    verify('RSA-SHA256', signed, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url')),
  );
  if (!isSigned) return undefined;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims & { readonly exp: number };
  return claims.exp * 1000 > Date.now() ? claims : undefined;
}

/** A role is asked for with a token of a cluster. */
export function takenByToken({ arn, trust }: Principal, provider: string, { iss, sub, aud }: Claims): IamRequest {
  const issuer = iss.replace('https://', '');
  return {
    action: 'sts:AssumeRoleWithWebIdentity',
    resource: arn,
    principal: provider,
    trust,
    context: { [`${issuer}:aud`]: aud[0] ?? '', [`${issuer}:sub`]: sub },
  };
}

/** A role is asked for by EKS, for a pod. */
export function takenForPod({ arn, trust }: Principal, tags: Caller['tags']): IamRequest[] {
  const request = { resource: arn, principal: 'pods.eks.amazonaws.com', trust, context: requestTags(tags) };
  return ['sts:AssumeRole', 'sts:TagSession'].map((action) => ({ ...request, action }));
}

/** A role is asked for by who has keys; a session that is marked has to be let mark the next one, too. */
export function takenByCaller({ arn, trust }: Principal, caller: Caller, externalId: string | undefined): IamRequest[] {
  const request = { resource: arn, principal: caller.arn, trust };
  const context: Record<string, string> = externalId === undefined ? {} : { 'sts:ExternalId': externalId };
  const take = { ...request, action: 'sts:AssumeRole', context: { ...context, ...requestTags(caller.tags) } };
  if (Object.keys(caller.tags).length === 0) return [take];
  return [take, { ...request, action: 'sts:TagSession', context: requestTags(caller.tags) }];
}

function requestTags(tags: Caller['tags']): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]));
}
