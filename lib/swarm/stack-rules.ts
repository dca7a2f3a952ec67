import { type Finding, locate, type Problem } from '../model/problem';
import { hasToken } from '../model/token';
import type { StackFile, StackServiceSpec } from './stack-file';
import { formFindings } from './stack-form';

/** A service, and where it was declared. */
export interface PlacedService {
  readonly name: string;
  readonly at: string;
  readonly spec: () => StackServiceSpec;
}

/**
 * What is wrong with `stack`, however it came about: what `docker stack deploy` would refuse (SWARM-07, SWARM-08), ignore
 * (SWARM-05), take though it is wrong (SWARM-02, SWARM-03, SWARM-04, SWARM-06), or wait on forever (SWARM-01, SWARM-09,
 * SWARM-13), and tasks that are killed in the midst of requests (SWARM-10).
 */
export function stackProblems(at: string, stack: StackFile, services: readonly PlacedService[]): Problem[] {
  const problems = services.length === 0 ? locate([NO_SERVICES], at) : [];
  const readable: PlacedService[] = [];
  for (const service of services) {
    const spec = stack.services[service.name] as StackServiceSpec;
    const form = formFindings(spec);
    // What is not of its form can't be looked into.
    if (form.length === 0) readable.push(service);
    problems.push(...locate(form.length > 0 ? form : serviceFindings(service.name, spec, stack), service.at));
  }
  return [
    ...problems,
    ...portProblems(stack, readable),
    ...(hasToken(JSON.stringify(stack)) ? locate([OUTPUT], at) : []),
  ];
}

const NO_SERVICES: Finding = {
  code: 'SWARM-08',
  value: '',
  message: 'a stack without a service is refused',
  fix: 'Declare a SwarmTraefik or a SwarmService in it',
};

const OUTPUT: Finding = {
  code: 'PULUMI-08',
  value: '',
  message: 'an Output would be written to a file, and is known only to Pulumi',
  fix: 'Give the stack texts that are known',
};

function serviceFindings(name: string, spec: StackServiceSpec, stack: StackFile): Finding[] {
  return [
    ...orderFindings(spec),
    ...endpointFindings(spec),
    ...modeFindings(spec),
    ...referenceFindings(spec, stack),
    ...graceFindings(spec),
    ...healthFindings(name, spec),
    ...bindFindings(spec),
    ...mountFindings(spec),
  ];
}

/** SWARM-07: the client makes a path of the machine that deploys of it, and nodes do not start a task without it. */
function bindFindings({ volumes = [] }: StackServiceSpec): Finding[] {
  return volumes
    .filter((mount) => mount.type === 'bind' && !mount.source?.startsWith('/'))
    .map((mount) => ({
      code: 'SWARM-07',
      value: `${mount.target}: ${mount.type === 'bind' ? mount.source : ''}`,
      message: 'a bind is a path of the nodes, from the root',
      fix: 'Write such a path that is there on each node, or declare a volume',
    }));
}

/** SWARM-01: the new task can't have the port before the old one is gone. */
function orderFindings({ deploy, ports = [] }: StackServiceSpec): Finding[] {
  const host = ports.find(({ mode }) => mode === 'host');
  if (!host) return [];
  return (['update_config', 'rollback_config'] as const)
    .filter((key) => deploy[key]?.order === 'start-first')
    .map((key) => ({
      code: 'SWARM-01',
      value: `${key}.order start-first, port ${host.published}`,
      message: 'the new task waits for a port of the host that the old one holds, so the update never ends',
      fix: "Write order: 'stop-first', one task at a time",
    }));
}

/** SWARM-02: the engine refuses ports in ingress mode where there is no virtual address. */
function endpointFindings({ deploy, ports = [] }: StackServiceSpec): Finding[] {
  const ingress = ports.find(({ mode }) => mode !== 'host');
  if (deploy.endpoint_mode !== 'dnsrr' || !ingress) return [];
  return [
    {
      code: 'SWARM-02',
      value: `port ${ingress.published}`,
      message: 'a service of endpoint mode dnsrr has no ports in ingress mode, and the engine refuses it',
      fix: "Write mode: 'host' at the port, or leave endpoint_mode out",
    },
  ];
}

/** SWARM-04: what does not go with the mode of the service. */
function modeFindings({ deploy }: StackServiceSpec): Finding[] {
  const finding = (value: string, message: string, fix: string): Finding => ({ code: 'SWARM-04', value, message, fix });
  const isJob = deploy.mode.endsWith('-job');
  const findings: Finding[] = [];
  for (const key of isJob ? (['update_config', 'rollback_config'] as const) : []) {
    if (deploy[key] !== undefined) {
      findings.push(
        finding(key, 'a job is started anew at each deploy, never updated, and the engine refuses it', 'Leave it out'),
      );
    }
  }
  // The types say so already; patches need not.
  const condition: string | undefined = deploy.restart_policy?.condition;
  if (isJob && condition === 'any') {
    findings.push(finding('restart_policy.condition any', 'a job would never end', "Write condition: 'on-failure'"));
  }
  if (deploy.mode.startsWith('global') && deploy.replicas !== undefined) {
    findings.push(
      finding(`replicas ${deploy.replicas}`, `mode ${deploy.mode} runs one task on each node`, 'Leave replicas out'),
    );
  }
  return findings;
}

/** SWARM-06: what is referred to and not declared. */
function referenceFindings(spec: StackServiceSpec, stack: StackFile): Finding[] {
  const wanted = {
    networks: Object.keys(spec.networks ?? {}),
    volumes: (spec.volumes ?? []).flatMap((mount) => (mount.type === 'volume' ? [mount.source] : [])),
    configs: (spec.configs ?? []).map(({ source }) => source),
    secrets: (spec.secrets ?? []).map(({ source }) => source),
  };
  return (Object.keys(wanted) as (keyof typeof wanted)[]).flatMap((kind) =>
    wanted[kind]
      .filter((name) => !Object.hasOwn(stack[kind] ?? {}, name))
      .map((name) => ({
        code: 'SWARM-06',
        value: name,
        message: `${kind} of the stack hold no such one`,
        fix: `Declare it with stack.${kind === 'networks' ? 'externalNetwork' : kind.slice(0, -1)}()`,
      })),
  );
}

/** SWARM-07: the engine does not start a task with two mounts at one path. */
function mountFindings({ volumes = [] }: StackServiceSpec): Finding[] {
  const targets = volumes.map(({ target }) => target?.replace(/(.)\/+$/, '$1'));
  return targets
    .filter((target, index) => target !== undefined && targets.indexOf(target) !== index)
    .map((value) => ({
      code: 'SWARM-07',
      value,
      message: 'two volumes are mounted there, and the engine refuses the service',
      fix: 'Mount one of them elsewhere',
    }));
}

/** SWARM-10: a task is killed 10 s after it was told to stop, unless more is said. */
function graceFindings({ command = [], stop_grace_period = '10s' }: StackServiceSpec): Finding[] {
  const grace = Math.max(0, ...command.map((argument) => graceOf(/\.graceTimeOut=(.+)$/i.exec(argument)?.[1] ?? '0')));
  if (grace === 0 || secondsOf(stop_grace_period) > grace) return [];
  return [
    {
      code: 'SWARM-10',
      value: `stop_grace_period ${stop_grace_period}, graceTimeOut ${grace}s`,
      message: 'the task is killed while Traefik still lets requests finish',
      fix: 'Make stop_grace_period longer by ten seconds or more',
    },
  ];
}

/** Traefik takes a bare number as seconds. */
function graceOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : secondsOf(text);
}

function secondsOf(duration: string): number {
  const unit = { ms: 0.001, s: 1, m: 60, h: 3600 };
  return [...duration.matchAll(/([\d.]+)(ms|s|m|h)/g)].reduce(
    (sum, [, number, name]) => sum + Number(number) * unit[name as keyof typeof unit],
    0,
  );
}

/** What asks whether a cluster of several has come together, in the words of those that people run. */
const QUORUM =
  /status\/leader|operator raft|consul members|endpoint (health|status)|:2379\/health|cluster info|rs\.status/;

/**
 * SWARM-13: a task enters the swarm's DNS once it is healthy. Where it is healthy only together with the others, none of
 * them ever finds the others.
 */
function healthFindings(name: string, { deploy, healthcheck }: StackServiceSpec): Finding[] {
  const test = healthcheck?.test?.join(' ') ?? '';
  const isSeveral = deploy.mode === 'global' || (deploy.replicas ?? 1) > 1;
  if (!isSeveral || !QUORUM.test(test)) return [];
  return [
    {
      code: 'SWARM-13',
      value: test,
      message: `tasks of ${name} find one another by a DNS that holds healthy ones only, and this asks for what they can reach only together`,
      fix: 'Ask whether the process listens, such as nc -z 127.0.0.1 8500',
    },
  ];
}

/** SWARM-09: a port of a node that two services want, so that one of them waits forever or is refused. */
function portProblems({ services }: StackFile, placed: readonly PlacedService[]): Problem[] {
  const seen = new Map<string, string>();
  return placed.flatMap(({ name, at }) =>
    (services[name]?.ports ?? []).flatMap(({ published, protocol = 'tcp' }) => {
      const port = `${published}/${protocol}`;
      const first = seen.get(port);
      if (first === undefined) seen.set(port, at);
      if (first === undefined) return [];
      return locate(
        [
          {
            code: 'SWARM-09',
            value: port,
            message: `${first} publishes the same port, so the second task on a node waits for it forever`,
            fix: 'Publish another one, or let Traefik route to the service',
          },
        ],
        at,
      );
    }),
  );
}

/** The largest config that the engine takes. */
const MOST_BYTES = 1000 * 1024;

/** SWARM-12: a config that is refused, or that holds what everybody with access to the API could read. */
export function configFindings(name: string, text: string): Finding[] {
  const bytes = Buffer.byteLength(text);
  const findings: Finding[] = [];
  if (bytes === 0 || bytes > MOST_BYTES) {
    findings.push({
      code: 'SWARM-12',
      value: `${name}: ${bytes} bytes`,
      message: 'a config holds from 1 byte to 1000 KiB',
      fix: bytes === 0 ? 'Leave it out' : 'Split it',
    });
  }
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    findings.push({
      code: 'SWARM-12',
      value: name,
      message: 'it holds a private key, and whoever may ask a manager can read configs',
      fix: 'Put the key into a secret, and name the file below /run/secrets',
    });
  }
  return findings;
}
