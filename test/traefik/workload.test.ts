import { Size } from 'cdk8s';
import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { only, podOf, traefikObjects } from '../support/edge';

const hostName = 'lb.example.com';

test.each([
  ['any load balancer', LoadBalancer.generic(), 15, 30, 60],
  ['none', LoadBalancer.none(), 15, 30, 60],
  ['fixed addresses', LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }), 15, 30, 60],
  ['packets kept on their node', LoadBalancer.generic({ clientAddress: { by: 'packet' } }), 40, 30, 90],
  ['an NLB that sends to nodes', LoadBalancer.awsNlb({ hostName, targets: 'instance' }), 40, 30, 90],
  ['an NLB that sends to pods', LoadBalancer.awsNlb({ hostName }), 150, 60, 230],
])('an instance leaves slowly enough behind %s', (_, loadBalancer, sleep, grace, termination) => {
  const { containers, terminationGracePeriodSeconds } = podOf(traefikObjects({ loadBalancer }));
  expect(containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: sleep } } });
  expect(containers[0].args.filter((argument: string) => argument.includes('graceTimeOut'))).toEqual([
    `--entryPoints.web.transport.lifeCycle.graceTimeOut=${grace}s`,
    `--entryPoints.websecure.transport.lifeCycle.graceTimeOut=${grace}s`,
  ]);
  expect(terminationGracePeriodSeconds).toBe(termination);
});

test('what a user sets of draining moves the end with it', () => {
  const drain = { preStopSeconds: 20, graceSeconds: 300 };
  const { containers, terminationGracePeriodSeconds } = podOf(traefikObjects({ drain }));
  expect(containers[0].lifecycle.preStop.sleep.seconds).toBe(20);
  expect(terminationGracePeriodSeconds).toBe(20 + 300 + 10 + 5);
});

test('pods pass the restricted standard, write nowhere but to /tmp, and take no token that they do not need', () => {
  const objects = traefikObjects();
  const { containers, ...pod } = podOf(objects);
  expect(pod).toMatchObject({
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '256Mi' } }],
  });
  expect(pod).not.toHaveProperty('hostNetwork');
  expect(containers).toHaveLength(1);
  expect(containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  });
  expect(containers[0].volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  expect(only(objects, 'ServiceAccount').automountServiceAccountToken).toBe(false);
});

test('ports are unprivileged, and those of the entry points', () => {
  const [{ ports, args }] = podOf(traefikObjects()).containers;
  expect(ports).toEqual([
    { name: 'web', containerPort: 8000, protocol: 'TCP' },
    { name: 'websecure', containerPort: 8443, protocol: 'TCP' },
    { name: 'traefik', containerPort: 8080, protocol: 'TCP' },
    { name: 'metrics', containerPort: 9100, protocol: 'TCP' },
  ]);
  for (const { name, containerPort } of ports) {
    expect(args).toContain(`--entryPoints.${name}.address=:${containerPort}`);
  }
});

test('probes ask for /ping where it is served', () => {
  const [{ startupProbe, readinessProbe, livenessProbe, args }] = podOf(traefikObjects()).containers;
  const httpGet = { path: '/ping', port: 'traefik' };
  expect(args).toContain('--ping.entryPoint=traefik');
  expect(startupProbe).toEqual({ httpGet, timeoutSeconds: 2, periodSeconds: 2, failureThreshold: 30 });
  expect(readinessProbe).toEqual({
    httpGet,
    timeoutSeconds: 2,
    initialDelaySeconds: 5,
    periodSeconds: 5,
    failureThreshold: 2,
  });
  expect(livenessProbe).toEqual({ httpGet, timeoutSeconds: 2, periodSeconds: 10, failureThreshold: 3 });
});

describe('memory and CPU', () => {
  const containerOf = (...props: Parameters<typeof traefikObjects>) => podOf(traefikObjects(...props)).containers[0];

  test('the CPU is not limited unless that is asked for', () => {
    expect(containerOf().resources).toEqual({
      requests: { cpu: '100m', memory: '128Mi' },
      limits: { memory: '512Mi' },
    });
  });

  test.each([
    [undefined, '460MiB'],
    [128, '115MiB'],
    [1000, '900MiB'],
  ])('Go stays below nine tenths of a limit of %s MiB', (limit, expected) => {
    const memoryLimit = limit === undefined ? undefined : Size.mebibytes(limit);
    expect(containerOf({ resources: { memoryLimit } }).env).toEqual([{ name: 'GOMEMLIMIT', value: expected }]);
  });
});
