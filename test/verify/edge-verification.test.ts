import { TraefikHaError } from '../../lib/model/problem';
import { TRAEFIK_KINDS } from '../../lib/verify/crds';
import { EdgeVerification, type EdgeVerificationProps } from '../../lib/verify/edge-verification';
import { accepted, chartOf, identities } from '../support/charts';
import { only } from '../support/edge';

const PROPS: EdgeVerificationProps = {
  image: 'registry.example.com/traefik-ha:0.1.0',
  service: { namespace: 'edge', name: 'traefik' },
};

function objectsOf(props: Partial<EdgeVerificationProps> = {}) {
  const chart = chartOf('monitoring');
  new EdgeVerification(chart, 'verification', { ...PROPS, ...props });
  return accepted(chart);
}
const jobOf = (objects: ReturnType<typeof objectsOf>) => only(objects, 'CronJob').spec;
const argsOf = (objects: ReturnType<typeof objectsOf>): string[] =>
  jobOf(objects).jobTemplate.spec.template.spec.containers[0].args;
const rulesOf = (objects: ReturnType<typeof objectsOf>) =>
  objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .map(({ kind, metadata, rules }) => [
      `${kind} ${metadata.namespace ?? ''}`.trim(),
      ...rules.map(
        ({ resources, resourceNames = [], verbs }: Record<string, string[]>) =>
          `${[...(resources ?? []), ...resourceNames].join(' ')}: ${verbs?.join(' ')}`,
      ),
    ]);

test('defaults: each pod every five minutes, by an account that only reads, and no Secret', () => {
  const objects = objectsOf();
  expect(identities(objects)).toEqual([
    'ServiceAccount monitoring/verification',
    'ClusterRole monitoring-verification',
    'ClusterRoleBinding monitoring-verification',
    'Role edge/monitoring-verification',
    'RoleBinding edge/monitoring-verification',
    'NetworkPolicy monitoring/verification',
    'CronJob monitoring/verification',
  ]);
  expect(rulesOf(objects)).toEqual([
    [
      'ClusterRole',
      `customresourcedefinitions ${TRAEFIK_KINDS.join(' ')}: get`,
      'ingressroutes ingressroutetcps: list',
    ],
    ['Role edge', 'services traefik: get', 'pods: list'],
  ]);
  expect(argsOf(objects)).toEqual([
    ...['verify', '--cluster', '--service=edge/traefik', '--at=pods', '--no-secrets', '--grace=10m'],
    '--output=prometheus',
  ]);
  expect(jobOf(objects)).toMatchObject({
    schedule: '*/5 * * * *',
    concurrencyPolicy: 'Forbid',
    jobTemplate: {
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: 'Never',
            securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [{ securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } }],
          },
        },
      },
    },
  });
});

test('everything', () => {
  const props: Required<EdgeVerificationProps> = {
    ...PROPS,
    at: 'nodes',
    schedule: '0 6 * * MON',
    namespaces: ['shop', 'team'],
    ingressClass: 'edge',
    secrets: [
      { namespace: 'shop', name: 'web-tls' },
      { namespace: 'shop', name: 'api-tls' },
      { namespace: 'team', name: 'team-tls' },
    ],
    pushGateway: 'http://pushgateway.monitoring:9091/',
    name: 'other',
  };
  const objects = objectsOf(props);
  expect(jobOf(objects).schedule).toBe('0 6 * * MON');
  expect(argsOf(objects)).toEqual([
    ...['verify', '--cluster', '--service=edge/traefik', '--at=nodes', '--namespace=shop', '--namespace=team'],
    ...['--ingress-class=edge', '--secret=shop/web-tls', '--secret=shop/api-tls', '--secret=team/team-tls'],
    ...['--grace=10m', '--output=prometheus'],
    '--push=http://pushgateway.monitoring:9091/metrics/job/other',
  ]);
  expect(rulesOf(objects)).toEqual([
    ['ClusterRole', `customresourcedefinitions ${TRAEFIK_KINDS.join(' ')}: get`, 'tlsstores: list'],
    ['Role shop', 'ingressroutes ingressroutetcps: list', 'secrets api-tls web-tls: get'],
    ['Role team', 'ingressroutes ingressroutetcps: list', 'secrets team-tls: get'],
    ['Role edge', 'services traefik: get', 'pods: list'],
  ]);
});

test('the main child is the CronJob, whose name leaves room for that of its Jobs', () => {
  const chart = chartOf('monitoring');
  const verification = new EdgeVerification(chart, 'verification', {
    ...PROPS,
    name: `${'a'.repeat(51)}-${'b'.repeat(8)}`,
  });
  expect(verification.node.defaultChild).toBe(verification.cronJob);
  expect(verification.cronJob.name).toBe('a'.repeat(51));
});

const problems = (props: Partial<EdgeVerificationProps>) => {
  try {
    objectsOf(props);
  } catch (error) {
    if (error instanceof TraefikHaError) return error.message;
    throw error;
  }
  return '';
};

test.each<[Partial<EdgeVerificationProps>, string]>([
  [{ image: 'traefik-ha' }, 'IMAGE-01 '],
  [{ service: { namespace: 'Edge', name: 'traefik' } }, 'NAME-04 '],
  [{ secrets: [{ namespace: 'edge', name: 'a/b' }] }, 'NAME-04 '],
  [
    { schedule: 'hourly' },
    "VERIFY-12 [monitoring/verification] a schedule has five fields: minute, hour, day, month and day of the week (hourly). Write '*/5 * * * *', or leave it out",
  ],
  [
    { pushGateway: 'pushgateway:9091' },
    'VERIFY-13 [monitoring/verification] not the address of a Pushgateway (pushgateway:9091). Write http://pushgateway.monitoring:9091, without /metrics',
  ],
])('%j', (props, expected) => expect(problems(props).slice(0, expected.length)).toBe(expected));
