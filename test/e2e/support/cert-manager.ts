import { readFileSync } from 'node:fs';
import type { Lab } from '../lab/lab';
import { CERT_MANAGER_IMAGES } from '../lab/lab-images';
import { ADDRESSES } from '../lab/network';
import { program } from '../lab/parts';
import { until } from '../lab/wait';
import { labNamespace, RESTRICTED_CONTAINER, RESTRICTED_POD } from './backends';

const NAMESPACE = 'cert-manager';
const WEBHOOK_PORT = 10250;

/** cert-manager's controllers in a pod, and its webhook as a server beside the control plane. */
export async function installCertManager(lab: Lab): Promise<void> {
  await lab.kubectl.apply([labNamespace(NAMESPACE), ...rbac(), controller()]);
  await startWebhook(lab);
  await until('cert-manager runs', { seconds: 90 }, async () => {
    const { status } = await lab.kubectl.get('deployment', 'cert-manager', NAMESPACE);
    return status.readyReplicas === 1;
  });
}

/** What the controllers may do; in particular they may ask for no account's token unless somebody lets them. */
export function rbac(): object[] {
  const everything = ['*'];
  const rule = (apiGroups: string[], resources: string[], verbs: string[]) => ({ apiGroups, resources, verbs });
  const metadata = { name: 'cert-manager' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...metadata, namespace: NAMESPACE } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [
        rule(['cert-manager.io', 'acme.cert-manager.io'], everything, everything),
        rule([''], ['secrets', 'pods', 'services', 'events'], everything),
        rule(['events.k8s.io'], ['events'], everything),
        rule(['networking.k8s.io'], ['ingresses', 'ingresses/finalizers'], everything),
        rule([''], ['namespaces'], ['get', 'list', 'watch']),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cert-manager' },
      subjects: [{ kind: 'ServiceAccount', name: 'cert-manager', namespace: NAMESPACE }],
    },
  ];
}

function controller(): object {
  const labels = { app: 'cert-manager' };
  const metadata = { name: 'cert-manager', namespace: NAMESPACE, labels };
  const dns = `${ADDRESSES.dns}:53`;
  const args = [
    `--cluster-resource-namespace=${NAMESPACE}`,
    `--acme-http01-solver-image=${CERT_MANAGER_IMAGES.acmesolver}`,
    `--dns01-recursive-nameservers=${dns}`,
    // Quicker than upstream: what is proven does not depend on how long cert-manager waits.
    '--dns01-check-retry-period=1s',
    '--certificate-request-minimum-backoff-duration=5s',
    '--certificate-request-maximum-backoff-duration=10s',
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      selector: { matchLabels: labels },
      strategy: { type: 'Recreate' },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'cert-manager',
          enableServiceLinks: false,
          securityContext: RESTRICTED_POD,
          containers: [
            { name: 'controller', image: CERT_MANAGER_IMAGES.controller, args, securityContext: RESTRICTED_CONTAINER },
          ],
        },
      },
    },
  };
}

async function startWebhook({ authority, kubectl, network, processes }: Lab): Promise<void> {
  const { certificate, key } = authority.issue('webhook', [`IP:${ADDRESSES.controlPlane}`]);
  const flags = [
    `--kubeconfig=${kubectl.kubeconfig}`,
    `--secure-port=${WEBHOOK_PORT}`,
    '--healthz-port=0',
    `--tls-cert-file=${certificate}`,
    `--tls-private-key-file=${key}`,
  ];
  processes.start('webhook', [program('cert-manager-webhook'), ...flags], { namespace: network.hub });
  const caBundle = readFileSync(authority.certificate).toString('base64');
  await kubectl.apply([
    webhook('ValidatingWebhookConfiguration', '/validate', ['*/*'], caBundle),
    webhook('MutatingWebhookConfiguration', '/mutate', ['certificaterequests'], caBundle),
  ]);
  // What it refuses is seen to be refused before anything rests on it.
  await until('the webhook answers', { seconds: 30 }, async () => {
    const { status, stderr } = await kubectl.run(['apply', '--server-side', '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(ISSUER_OF_NO_KIND),
      mayFail: true,
    });
    if (status === 0) throw new Error('an Issuer of no kind is accepted');
    if (!stderr.includes('at least one issuer must be configured')) throw new Error(stderr);
    return true;
  });
}

const ISSUER_OF_NO_KIND = {
  apiVersion: 'cert-manager.io/v1',
  kind: 'Issuer',
  metadata: { name: 'of-no-kind', namespace: NAMESPACE },
  spec: {},
};

function webhook(kind: string, path: string, resources: readonly string[], caBundle: string): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'cert-manager' },
    webhooks: [
      {
        name: 'webhook.cert-manager.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        clientConfig: { url: `https://${ADDRESSES.controlPlane}:${WEBHOOK_PORT}${path}`, caBundle },
        rules: [
          {
            apiGroups: ['cert-manager.io', 'acme.cert-manager.io'],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources,
          },
        ],
      },
    ],
  };
}
