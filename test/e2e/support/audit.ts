import { readFileSync } from 'node:fs';

/** One request to the API server, as its audit log has it. */
export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly requestURI: string;
  readonly responseStatus?: { readonly code: number };
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Everything that an account of the cluster asked for, in order. */
export function requestsOf(auditLog: string, namespace: string, account: string): AuditEvent[] {
  const user = `system:serviceaccount:${namespace}:${account}`;
  return eventsOf(auditLog).filter((event) => event.user.username === user);
}

/** The first change of a Secret since `sinceMs`, in milliseconds since 1970. */
export function secretChangedAt(
  auditLog: string,
  namespace: string,
  name: string,
  sinceMs: number,
): number | undefined {
  const change = eventsOf(auditLog).find(
    ({ verb, objectRef, responseStatus, stageTimestamp }) =>
      ['update', 'patch'].includes(verb) &&
      objectRef?.resource === 'secrets' &&
      objectRef.namespace === namespace &&
      objectRef.name === name &&
      (responseStatus?.code ?? 500) < 300 &&
      Date.parse(stageTimestamp) >= sinceMs,
  );
  return change === undefined ? undefined : Date.parse(change.stageTimestamp);
}

/** All that anybody asked for, in order. */
export function eventsOf(auditLog: string): AuditEvent[] {
  return readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as AuditEvent);
}
