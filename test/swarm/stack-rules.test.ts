import type { StackServiceSpec } from '../../lib/swarm/stack-file';
import { StackService } from '../../lib/swarm/stack-service';
import type { SwarmStack } from '../../lib/swarm/swarm-stack';
import { stackProblems } from '../support/stacks';
import { SPEC } from '../support/swarm-declarations';

const DEPLOY = { mode: 'replicated', replicas: 1 } as const;
const HOST_PORT = { target: 8080, published: 80, mode: 'host' } as const;

/** The problems of one service, which need not keep to the types: patches do not. */
const problemsOf = (spec: object, more: (stack: SwarmStack) => void = () => {}) =>
  stackProblems((stack) => {
    more(stack);
    new StackService(stack, 'app', { image: 'app:1', deploy: DEPLOY, ...spec } as StackServiceSpec);
  });

test('a plain service is in order', () => {
  expect(problemsOf({})).toEqual([]);
});

test('all that a service can say is in order', () => {
  const declared = (stack: SwarmStack) => {
    stack.config(stack, 'settings', '.ini', () => 'a');
    stack.secret('token');
    stack.privateNetwork('lan');
    stack.volume('data');
  };
  expect(problemsOf(SPEC, declared)).toEqual([]);
});

describe('what the engine would wait on forever', () => {
  test('a new task that wants the port of the old one', () => {
    const update = { order: 'start-first' };
    expect(problemsOf({ ports: [HOST_PORT], deploy: { ...DEPLOY, update_config: update } })).toEqual([
      "SWARM-01 [edge/app] the new task waits for a port of the host that the old one holds, so the update never ends (update_config.order start-first, port 80). Write order: 'stop-first', one task at a time",
    ]);
    expect(problemsOf({ ports: [HOST_PORT], deploy: { ...DEPLOY, rollback_config: update } })).toHaveLength(1);
    expect(problemsOf({ ports: [HOST_PORT], deploy: { ...DEPLOY, update_config: { order: 'stop-first' } } })).toEqual(
      [],
    );
    expect(problemsOf({ deploy: { ...DEPLOY, update_config: update } })).toEqual([]);
  });

  test('a port that another service has', () => {
    const other = (port: object) => (stack: SwarmStack) => {
      new StackService(stack, 'other', { image: 'other:1', deploy: DEPLOY, ports: [{ ...HOST_PORT, ...port }] });
    };
    expect(problemsOf({ ports: [HOST_PORT] }, other({}))).toEqual([
      'SWARM-09 [edge/app] edge/other publishes the same port, so the second task on a node waits for it forever (80/tcp). Publish another one, or let Traefik route to the service',
    ]);
    expect(problemsOf({ ports: [HOST_PORT] }, other({ protocol: 'udp' }))).toEqual([]);
    expect(problemsOf({ ports: [HOST_PORT] }, other({ published: 81 }))).toEqual([]);
  });

  test('a health check that each passes only together with the others', () => {
    const check = (...words: string[]) => ({ healthcheck: { test: ['CMD', ...words] } });
    const several = { deploy: { mode: 'replicated', replicas: 3 } };
    expect(problemsOf({ ...several, ...check('consul', 'operator', 'raft', 'list-peers') })).toEqual([
      'SWARM-13 [edge/app] tasks of app find one another by a DNS that holds healthy ones only, and this asks for what they can reach only together (CMD consul operator raft list-peers). Ask whether the process listens, such as nc -z 127.0.0.1 8500',
    ]);
    expect(problemsOf({ deploy: { mode: 'global' }, ...check('etcdctl', 'endpoint', 'health') })).toHaveLength(1);
    expect(problemsOf(check('etcdctl', 'endpoint', 'health'))).toEqual([]);
    expect(problemsOf({ ...several, ...check('nc', '-z', '127.0.0.1', '8500') })).toEqual([]);
  });
});

describe('what the engine would refuse', () => {
  test('ports in ingress mode without a virtual address', () => {
    const deploy = { ...DEPLOY, endpoint_mode: 'dnsrr' };
    expect(problemsOf({ deploy, ports: [{ ...HOST_PORT, mode: 'ingress' }] })).toEqual([
      "SWARM-02 [edge/app] a service of endpoint mode dnsrr has no ports in ingress mode, and the engine refuses it (port 80). Write mode: 'host' at the port, or leave endpoint_mode out",
    ]);
    // Where no mode is said, it is ingress.
    expect(problemsOf({ deploy, ports: [{ target: 80, published: 80 }] })).toHaveLength(1);
    expect(problemsOf({ deploy, ports: [HOST_PORT] })).toEqual([]);
  });

  test('a job that is updated, or that never ends', () => {
    const job = { mode: 'replicated-job', replicas: 1 };
    expect(problemsOf({ deploy: { ...job, update_config: { parallelism: 1 } } })).toEqual([
      'SWARM-04 [edge/app] a job is started anew at each deploy, never updated, and the engine refuses it (update_config). Leave it out',
    ]);
    expect(problemsOf({ deploy: { ...job, restart_policy: { condition: 'any' } } })).toEqual([
      "SWARM-04 [edge/app] a job would never end (restart_policy.condition any). Write condition: 'on-failure'",
    ]);
    expect(problemsOf({ deploy: { ...job, restart_policy: { condition: 'on-failure' } } })).toEqual([]);
  });

  test('a number of tasks where there is one on each node', () => {
    expect(problemsOf({ deploy: { mode: 'global', replicas: 2 } })).toEqual([
      'SWARM-04 [edge/app] mode global runs one task on each node (replicas 2). Leave replicas out',
    ]);
  });

  test('references to nothing, each by its kind', () => {
    expect(
      problemsOf({
        networks: { lan: {} },
        volumes: [{ type: 'volume', source: 'data', target: '/data' }],
        configs: [{ source: 'settings', target: '/settings' }],
        secrets: [{ source: 'token', target: 'token' }],
      }),
    ).toEqual([
      'SWARM-06 [edge/app] networks of the stack hold no such one (lan). Declare it with stack.externalNetwork()',
      'SWARM-06 [edge/app] volumes of the stack hold no such one (data). Declare it with stack.volume()',
      'SWARM-06 [edge/app] configs of the stack hold no such one (settings). Declare it with stack.config()',
      'SWARM-06 [edge/app] secrets of the stack hold no such one (token). Declare it with stack.secret()',
    ]);
    expect(
      problemsOf({ networks: { lan: {} }, secrets: [{ source: 'token', target: 'token' }] }, (stack) => {
        stack.externalNetwork('lan');
        stack.secret('token');
      }),
    ).toEqual([]);
  });

  test.each([
    [
      { ports: [{ target: 80, published: '8080', mode: 'host' }] },
      'ports.0.published: "8080"',
      'a number from 1 to 65535',
    ],
    [
      { environment: { DEBUG: true } },
      'environment.DEBUG: true',
      'a text, without control characters; numbers and truths between quotes',
    ],
    [
      { deploy: { ...DEPLOY, resources: { limits: { cpus: 0.5 } } } },
      'deploy.resources.limits.cpus: 0.5',
      "a number between quotes, such as '0.50'",
    ],
    [{ stop_grace_period: 30 }, 'stop_grace_period: 30', 'a time such as 10s'],
    [{ command: 'serve' }, 'command: "serve"', 'a list'],
    [{ networks: ['lan'] }, 'networks: ["lan"]', 'names with values'],
    [{ read_only: 'yes' }, 'read_only: "yes"', 'true or false'],
    [{ image: '' }, 'image: ""', 'a name, without spaces'],
    [{ command: ['a', undefined] }, 'command.1: undefined', 'a value, or leave it out'],
    [
      { environment: { A: '{{ b }}' } },
      'environment.A: "{{ b }}"',
      'two braces as {{"{{"}}, or what the engine fills in, such as {{.Node.Hostname}}',
    ],
    [{ command: ['\u0007'] }, 'command.0: "\\u0007"', 'a text, without control characters'],
    [{ environment: { 'A=B': '1' } }, 'environment: "A=B"', 'a name, without spaces'],
    [{ cap_add: ['net_admin'] }, 'cap_add.0: "net_admin"', 'a capability, such as NET_BIND_SERVICE'],
    [{ volumes: [{ type: 'tmpfs', target: 'tmp' }] }, 'volumes.0.target: "tmp"', 'a path from the root'],
    [
      { deploy: { ...DEPLOY, placement: { constraints: ['role = manager'] } } },
      'deploy.placement.constraints.0: "role = manager"',
      'a constraint, such as node.role == manager',
    ],
  ])('a value of another form: %j', (spec, value, wanted) => {
    expect(problemsOf(spec)).toEqual([
      `SWARM-07 [edge/app] docker stack deploy would refuse it, or take it for something else (${value}). Write ${wanted}`,
    ]);
  });

  test('what the engine fills in, and constraints with all that it takes', () => {
    const environment = { A: '{{.Node.Hostname}}:{{ index .Service.Labels "a" }}', B: '{{"{{"}} b }}', C: '}} {' };
    const constraints = ['node.labels.zone==eu/a', 'node.ip != 10.0.0.1', 'engine.labels.os == ubuntu 24.04'];
    expect(problemsOf({ environment, deploy: { ...DEPLOY, placement: { constraints } } })).toEqual([]);
  });

  test('a bind to a path of the machine that deploys', () => {
    expect(problemsOf({ volumes: [{ type: 'bind', source: './data', target: '/data' }] })).toEqual([
      'SWARM-07 [edge/app] a bind is a path of the nodes, from the root (/data: ./data). Write such a path that is there on each node, or declare a volume',
    ]);
  });

  test('two mounts at one path', () => {
    const volumes = ['/data', '/data/', '/'].map((target) => ({ type: 'tmpfs', target }));
    expect(problemsOf({ volumes })).toEqual([
      'SWARM-07 [edge/app] two volumes are mounted there, and the engine refuses the service (/data). Mount one of them elsewhere',
    ]);
  });

  test('a service that is none', () => {
    expect(problemsOf({ image: undefined, deploy: undefined })).toEqual([
      'SWARM-07 [edge/app] a service needs it (image). Write the name of an image',
      'SWARM-07 [edge/app] a service needs it (deploy.mode). Write replicated or global',
    ]);
  });

  test.each(['mem_limit', 'pull_policy', 'profiles', 'constructor', 'imagee'])('a key that nobody knows: %s', (key) => {
    expect(problemsOf({ [key]: '1' })).toEqual([
      `SWARM-08 [edge/app] not a key that is known to do something at docker stack deploy (${key}). Correct it, or leave it out`,
    ]);
  });

  test('keys of the newer format, further in', () => {
    expect(problemsOf({ ports: [{ ...HOST_PORT, host_ip: '127.0.0.1' }] })).toEqual([
      'SWARM-08 [edge/app] not a key that is known to do something at docker stack deploy (ports.0.host_ip). Correct it, or leave it out',
    ]);
  });

  test('a stack without a service', () => {
    expect(stackProblems(() => {})).toEqual([
      'SWARM-08 [edge] a stack without a service is refused. Declare a SwarmTraefik or a SwarmService in it',
    ]);
  });
});

describe('what the engine would pass over', () => {
  test.each([
    ['build', 'Build and push the image, and name it'],
    ['depends_on', 'Leave it out, and have the service try again until the other answers'],
    ['devices', 'Leave it out: services have no devices'],
    ['network_mode', 'Say networks, or ports in mode host'],
    ['privileged', 'Say cap_add, or leave it out'],
    ['restart', 'Say deploy.restart_policy'],
    ['security_opt', 'Set no-new-privileges and the like in the daemon.json of the engines'],
    ['shm_size', 'Mount a tmpfs on /dev/shm in volumes'],
    ['tmpfs', "Say volumes: [{ type: 'tmpfs', target: '/tmp' }]"],
  ])('%s', (key, instead) => {
    expect(problemsOf({ [key]: 'x' })).toEqual([
      `SWARM-05 [edge/app] docker stack deploy ignores it without a word (${key}). ${instead}`,
    ]);
  });

  test.each([
    [{ deploy: { mode: 'replicate' } }, 'deploy.mode: replicate', 'replicated, global, replicated-job or global-job'],
    [
      { deploy: { ...DEPLOY, update_config: { failure_action: 'undo' } } },
      'deploy.update_config.failure_action: undo',
      'continue, pause or rollback',
    ],
    [{ deploy: { ...DEPLOY, endpoint_mode: 'dns' } }, 'deploy.endpoint_mode: dns', 'vip or dnsrr'],
    [{ ports: [{ ...HOST_PORT, mode: 'hosts' }] }, 'ports.0.mode: hosts', 'host or ingress'],
  ])('a word that it does not know: %j', (spec, value, words) => {
    expect(problemsOf(spec)).toEqual([
      `SWARM-03 [edge/app] none of the words that the engine knows, and the client does not look (${value}). Write ${words}`,
    ]);
  });

  test('a kill in the midst of requests', () => {
    const command = ['--entryPoints.web.transport.lifeCycle.graceTimeOut=30s'];
    expect(problemsOf({ command, stop_grace_period: '30s' })).toEqual([
      'SWARM-10 [edge/app] the task is killed while Traefik still lets requests finish (stop_grace_period 30s, graceTimeOut 30s). Make stop_grace_period longer by ten seconds or more',
    ]);
    expect(problemsOf({ command })).toHaveLength(1);
    expect(problemsOf({ command, stop_grace_period: '1m30s' })).toEqual([]);
    const minutes = ['--entryPoints.web.transport.lifeCycle.graceTimeOut=1m30s'];
    expect(problemsOf({ command: minutes, stop_grace_period: '60s' })).toHaveLength(1);
    const seconds = ['--entryPoints.web.transport.lifeCycle.graceTimeOut=30'];
    expect(problemsOf({ command: seconds })).toHaveLength(1);
  });
});

test('everything that is wrong is said at once', () => {
  const problems = stackProblems((stack) => {
    new StackService(stack, 'one', { image: 'one:1', deploy: DEPLOY, restart: 'always' } as StackServiceSpec);
    new StackService(stack, 'two', { image: 'two:1', deploy: DEPLOY, networks: { lan: {} }, ports: [HOST_PORT] });
    new StackService(stack, 'three', { image: 'three:1', deploy: DEPLOY, ports: [HOST_PORT] });
  });
  expect(problems.map((line) => line.split(']')[0])).toEqual([
    'SWARM-05 [edge/one',
    'SWARM-06 [edge/two',
    'SWARM-09 [edge/three',
  ]);
});
