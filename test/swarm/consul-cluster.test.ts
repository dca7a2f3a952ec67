import { Size } from 'cdk8s';
import { ConsulCluster, type ConsulClusterProps } from '../../lib/swarm/consul-cluster';
import { stackProblems, writtenStack } from '../support/stacks';

const written = (props?: ConsulClusterProps) => writtenStack((stack) => new ConsulCluster(stack, 'consul', props));

test('what runs where nothing was said', () => {
  const { stack, files } = written();
  const own = '{{ GetPrivateInterfaces | include "network" "10.213.0.0/24" | attr "address" }}';
  expect(JSON.parse(files['edge/consul.json'] ?? '')).toEqual({
    server: true,
    bootstrap_expect: 3,
    data_dir: '/consul/data',
    bind_addr: own,
    client_addr: `127.0.0.1 ${own}`,
    retry_join: ['tasks.consul'],
    leave_on_terminate: false,
    skip_leave_on_interrupt: true,
    disable_update_check: true,
    ui_config: { enabled: false },
    log_json: true,
  });
  expect(stack.services.consul).toMatchObject({
    image: 'docker.io/hashicorp/consul:1.21.4',
    hostname: 'consul-{{.Node.Hostname}}',
    user: 'consul:consul',
    read_only: true,
    cap_drop: ['ALL'],
    networks: { control: {} },
    healthcheck: { test: ['CMD', 'nc', '-z', '127.0.0.1', '8500'] },
    stop_grace_period: '30s',
    deploy: {
      mode: 'global',
      endpoint_mode: 'dnsrr',
      placement: { constraints: ['node.labels.consul == true'] },
      update_config: { parallelism: 1, delay: '30s', order: 'stop-first' },
    },
  });
  expect(stack.services.consul.ports).toBeUndefined();
  expect(stack.services.consul.volumes[1]).toEqual({ type: 'volume', source: 'consul-data', target: '/consul/data' });
  expect(stack.volumes).toEqual({ 'consul-data': {} });
  expect(stack.networks.control).toMatchObject({ internal: true, driver_opts: { encrypted: 'true' } });
});

test('every property shows', () => {
  const props: Required<ConsulClusterProps> = {
    servers: 5,
    nodeLabel: 'store',
    image: 'registry.example.com/consul:1.21.4',
    rootKey: 'edge',
    memoryLimit: Size.mebibytes(256),
  };
  const { stack, files } = writtenStack((edge) => {
    const cluster = new ConsulCluster(edge, 'consul', props);
    expect(cluster.store).toMatchObject({ kind: 'consul', endpoints: ['consul:8500'], rootKey: 'edge' });
    expect(cluster.node.defaultChild).toBe(cluster.service);
  });
  expect(JSON.parse(files['edge/consul.json'] ?? '').bootstrap_expect).toBe(5);
  expect(stack.services.consul).toMatchObject({
    image: 'registry.example.com/consul:1.21.4',
    deploy: { placement: { constraints: ['node.labels.store == true'] }, resources: { limits: { memory: '256M' } } },
  });
});

test('a number of servers that gains nothing', () => {
  expect(stackProblems((stack) => new ConsulCluster(stack, 'consul', { servers: 2 as never }))).toEqual([
    'SWARM-17 [edge/consul] more than half of the servers must agree, so an even number survives no more losses than the one below (2). Leave servers out for 3',
  ]);
});
