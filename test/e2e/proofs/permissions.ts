import type { Manifest } from '../../support/synthesize';
import { until } from '../lab/wait';
import { type AuditEvent, requestsOf } from '../support/audit';
import { NARROW, narrowEdge } from '../support/environments';
import { MANY, manyRotater } from '../support/many';
import type { Stage } from '../support/stage';

/** The accounts whose permissions the library emits. */
const ACCOUNTS = [
  ['edge', 'traefik'],
  ['edge', 'external-dns'],
  [NARROW.namespace, 'traefik'],
  ['records', 'nodes'],
  ['records', 'external-dns'],
  ['cert-rotater', 'cert-rotater'],
  [MANY.namespace, 'cert-rotater'],
] as const;

/** What an emitted rule grants and nobody asks for, with the reason that it is granted nevertheless. */
const UNUSED: Readonly<Record<string, string>> = Object.fromEntries(
  ['certificates.cert-manager.io', 'dnsendpoints.externaldns.k8s.io'].flatMap((resource) =>
    ['all', 'edge', MANY.namespace].map((where) => [
      `create ${resource} in ${where}`,
      'a server-side apply is a patch, and is refused where the object is not there and may not be created',
    ]),
  ),
);

/**
 * Whether a watch begins with all objects, which is how clients list where the API server can send them so. Servers
 * before Kubernetes 1.34 cannot, and are asked by `list`: who may not list could not serve there.
 */
function isStreamedList({ verb, requestURI }: AuditEvent): boolean {
  return verb === 'watch' && /[?&]sendInitialEvents=true\b/.test(requestURI);
}

/** What the accounts may do is what they do: from the API server's audit log of all that was run before. */
export function permissions(stage: () => Stage): void {
  test.each(ACCOUNTS)('%s/%s: nothing that it asked for was forbidden', (namespace, account) => {
    const { controlPlane } = stage().lab;
    const requests = requestsOf(controlPlane.auditLog, namespace, account);
    expect(requests.length).toBeGreaterThan(0);
    // An API server that is just starting has not read yet who may what, and refuses everybody.
    const isStarting = ({ stageTimestamp }: AuditEvent) =>
      controlPlane.starts.some(({ fromMs, toMs }) => {
        const at = Date.parse(stageTimestamp);
        return at >= fromMs && at <= toMs;
      });
    expect(requests.filter((event) => isForbidden(event) && !isStarting(event)).map(described)).toEqual([]);
  });

  test.each(ACCOUNTS)('%s/%s: nothing that it may do was left unused', (namespace, account) => {
    const { lab, examples } = stage();
    const requests = requestsOf(lab.controlPlane.auditLog, namespace, account);
    const listed = requests.filter(isStreamedList).map((request) => ({ ...request, verb: 'list' }));
    const used = new Set([...requests, ...listed].flatMap(usesOf));
    const declared = [...Object.values(examples).map((example) => example.lab), narrowEdge(), manyRotater()];
    const granted = declared.flatMap((objects) => grants(objects, namespace, account));
    expect(granted.length).toBeGreaterThan(0);
    expect([...new Set(granted)].filter((grant) => !used.has(grant) && !(grant in UNUSED))).toEqual([]);
  });

  test("cert-manager asks for the token of the challenge's account, and may", async () => {
    const { kubectl, lab, examples } = stage();
    const { dist } = examples.fullStack;
    const named = (kind: string, name: string) => dist.filter((one) => one.kind === kind && one.metadata.name === name);
    const rbac = [
      ...named('ServiceAccount', 'dns01'),
      ...named('Role', 'letsencrypt-token-request'),
      ...named('RoleBinding', 'letsencrypt-token-request'),
    ];
    expect(rbac).toHaveLength(3);
    const [issuer] = named('ClusterIssuer', 'letsencrypt');
    const acme = { ...issuer?.spec.acme, server: lab.acme.directory, caBundle: caBundle(lab.acme.caBundle) };
    const certificate = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: 'by-route53', namespace: 'edge' },
      spec: {
        secretName: 'by-route53',
        dnsNames: ['by-route53.example.com'],
        issuerRef: { kind: 'ClusterIssuer', name: 'by-route53' },
      },
    };
    await kubectl.apply([...rbac, { ...issuer, metadata: { name: 'by-route53' }, spec: { acme } }, certificate]);
    const asked = () =>
      requestsOf(lab.controlPlane.auditLog, 'cert-manager', 'cert-manager').filter(
        ({ objectRef }) => objectRef?.resource === 'serviceaccounts',
      );
    await until('cert-manager asks for a token', { seconds: 120, everyMs: 500 }, () => asked().length > 0);
    expect([
      ...new Set(asked().map((event) => `${described(event)} ${event.objectRef?.name} ${event.responseStatus?.code}`)),
    ]).toEqual(['create serviceaccounts/token dns01 201']);
    await kubectl.delete([certificate, { ...issuer, metadata: { name: 'by-route53' } }, ...rbac]);
  });
}

/** By what it may do; a write into a namespace that is just being deleted is refused as well, whoever asks. */
function isForbidden({ responseStatus, annotations }: AuditEvent): boolean {
  const isAllowed = annotations?.['authorization.k8s.io/decision'] === 'allow';
  return !isAllowed && (responseStatus?.code === 403 || responseStatus?.code === 401);
}

function described({ verb, objectRef, requestURI }: AuditEvent): string {
  if (objectRef === undefined) return `${verb} ${requestURI}`;
  const { apiGroup, resource, subresource } = objectRef;
  const part = subresource === undefined ? '' : `/${subresource}`;
  return `${verb} ${resource}${part}${apiGroup ? `.${apiGroup}` : ''}`;
}

/** What a request uses of what is granted: in a namespace, or in all. */
function usesOf(event: AuditEvent): string[] {
  const { objectRef, verb } = event;
  if (objectRef?.namespace === undefined) return [`${described(event)} in all`];
  const own = `${described(event)} in ${objectRef.namespace}`;
  // One object has one namespace, also for who may reach those of all.
  return objectRef.name !== undefined && verb !== 'watch' ? [own, `${described(event)} in all`] : [own];
}

/** Each verb on each resource, and where, that rules bound to an account grant. */
function grants(objects: readonly Manifest[], namespace: string, account: string): string[] {
  const bindings = objects.filter(
    ({ kind, subjects }) =>
      kind.endsWith('RoleBinding') &&
      subjects.some((subject: Manifest['metadata']) => subject.name === account && subject.namespace === namespace),
  );
  return bindings.flatMap(({ kind, metadata, roleRef }) => {
    const where = kind === 'ClusterRoleBinding' ? undefined : metadata.namespace;
    const role = objects.find(
      (object) =>
        object.kind === roleRef.kind && object.metadata.name === roleRef.name && object.metadata.namespace === where,
    );
    if (role === undefined) throw new Error(`no ${roleRef.kind} ${roleRef.name}`);
    return role.rules.flatMap(
      ({ apiGroups, resources, verbs }: Record<'apiGroups' | 'resources' | 'verbs', string[]>) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            verbs.map((verb) => `${verb} ${resource}${group ? `.${group}` : ''} in ${where ?? 'all'}`),
          ),
        ),
    );
  });
}

function caBundle(pem: string): string {
  return Buffer.from(pem).toString('base64');
}
