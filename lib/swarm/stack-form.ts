import type { Finding } from '../model/problem';
import { isPrintable } from '../model/text';

/*
 * The form of a service in a stack file. Types say it already; a patch, or a program in JavaScript, goes past them.
 */

type Form = (value: unknown) => string | undefined;

/** Lines may break in it; what no YAML holds may not be there. */
const isText = (value: unknown): value is string =>
  typeof value === 'string' && isPrintable(value.replace(/[\t\n\r]/g, ''));
const text: Form = (value) => (isText(value) && value !== '' ? undefined : 'a text, without control characters');
/** One that may also be empty. */
const value: Form = (each) =>
  isText(each) ? undefined : 'a text, without control characters; numbers and truths between quotes';
const name: Form = (each) => (isText(each) && /^[^\s=]+$/.test(each) ? undefined : 'a name, without spaces');
const path: Form = (each) => (isText(each) && /^\/[^\n]*$/.test(each) ? undefined : 'a path from the root');
/** The engine fills in what stands between double braces, and does not start a task where it can't. */
const templated: Form = (each) =>
  value(each) ??
  ((each as string).replace(PLACEHOLDER, '').includes('{{')
    ? 'two braces as {{"{{"}}, or what the engine fills in, such as {{.Node.Hostname}}'
    : undefined);
const PLACEHOLDER = /\{\{ *("[^"{}]*\{\{[^"{}]*"|(index )?\.(Service|Node|Task)\.[^{}]+)\}\}/g;
const capability: Form = (each) =>
  isText(each) && /^[A-Z_]+$/.test(each) ? undefined : 'a capability, such as NET_BIND_SERVICE';
const constraint: Form = (each) =>
  isText(each) && CONSTRAINT.test(each) ? undefined : 'a constraint, such as node.role == manager';
const CONSTRAINT =
  /^ *(node\.(id|hostname|ip|role|platform\.(os|arch))|(node|engine)\.labels\.[\w.-]+) *(==|!=) *[\w.:*()?+[\]\\^$|/-][\w\s.:*()?+[\]\\^$|/-]*$/i;
const flag: Form = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const whole: Form = (value) => (Number.isInteger(value) && (value as number) >= 0 ? undefined : 'a whole number');
const ratio: Form = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1';
const port: Form = (value) =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) < 65536
    ? undefined
    : 'a number from 1 to 65535';
const duration: Form = (value) =>
  typeof value === 'string' && /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value) ? undefined : 'a time such as 10s';
const size: Form = (value) =>
  typeof value === 'string' && /^\d+[bkmg]?$/i.test(value) ? undefined : 'a size such as 256M';
const cpus: Form = (value) =>
  typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? undefined : "a number between quotes, such as '0.50'";

/** Forms by key; what is in none of them is refused by the client, or ignored. */
interface Struct {
  readonly fields: Readonly<Record<string, Shape>>;
}
interface List {
  readonly item: Shape;
}
interface Dictionary {
  readonly value: Shape;
  readonly name: Form;
}
interface Choice {
  readonly of: readonly string[];
}
type Shape = Form | Struct | List | Dictionary | Choice;

const struct = (fields: Struct['fields']): Struct => ({ fields });
const list = (item: Shape): List => ({ item });
const dictionary = (each: Shape): Dictionary => ({ value: each, name });
const oneOf = (...of: string[]): Choice => ({ of });

const file = struct({ source: text, target: text, uid: text, gid: text, mode: whole });
const update = struct({
  parallelism: whole,
  delay: duration,
  monitor: duration,
  order: oneOf('stop-first', 'start-first'),
  failure_action: oneOf('continue', 'pause', 'rollback'),
  max_failure_ratio: ratio,
});
const amounts = struct({ cpus, memory: size, pids: whole });

const SERVICE = struct({
  image: name,
  entrypoint: list(text),
  command: list(text),
  hostname: templated,
  user: name,
  working_dir: text,
  environment: dictionary(templated),
  configs: list(file),
  secrets: list(file),
  networks: dictionary(struct({ aliases: list(text) })),
  labels: dictionary(value),
  dns_search: list(text),
  tty: flag,
  stdin_open: flag,
  ulimits: dictionary(struct({ soft: whole, hard: whole })),
  ports: list(struct({ target: port, published: port, protocol: oneOf('tcp', 'udp'), mode: oneOf('host', 'ingress') })),
  volumes: list(
    struct({
      type: oneOf('volume', 'bind', 'tmpfs'),
      source: text,
      target: path,
      read_only: flag,
      tmpfs: struct({ size: whole }),
      volume: struct({ nocopy: flag }),
      bind: struct({ propagation: text }),
    }),
  ),
  read_only: flag,
  init: flag,
  cap_add: list(capability),
  cap_drop: list(capability),
  sysctls: dictionary(text),
  healthcheck: struct({
    test: list(text),
    interval: duration,
    timeout: duration,
    retries: whole,
    start_period: duration,
    start_interval: duration,
    disable: flag,
  }),
  stop_grace_period: duration,
  stop_signal: text,
  dns: list(text),
  extra_hosts: list(text),
  logging: struct({ driver: text, options: dictionary(text) }),
  deploy: struct({
    mode: oneOf('replicated', 'global', 'replicated-job', 'global-job'),
    replicas: whole,
    endpoint_mode: oneOf('vip', 'dnsrr'),
    labels: dictionary(value),
    placement: struct({
      constraints: list(constraint),
      preferences: list(struct({ spread: text })),
      max_replicas_per_node: whole,
    }),
    resources: struct({ limits: amounts, reservations: struct({ cpus, memory: size }) }),
    update_config: update,
    rollback_config: update,
    restart_policy: struct({
      condition: oneOf('none', 'on-failure', 'any'),
      delay: duration,
      max_attempts: whole,
      window: duration,
    }),
  }),
});

/** What the engine passes over without a word, and what does its work. */
const IGNORED: Readonly<Record<string, string>> = {
  build: 'Build and push the image, and name it',
  cgroup_parent: 'Say deploy.resources',
  cgroupns_mode: 'Leave it out',
  container_name: 'Leave it out: the name of a service is its name in DNS',
  depends_on: 'Leave it out, and have the service try again until the other answers',
  devices: 'Leave it out: services have no devices',
  domainname: 'Say hostname',
  expose: 'Leave it out: services of one network reach every port',
  external_links: 'Share a network',
  ipc: 'Leave it out',
  links: 'Share a network',
  mac_address: 'Leave it out',
  network_mode: 'Say networks, or ports in mode host',
  pid: 'Leave it out',
  privileged: 'Say cap_add, or leave it out',
  restart: 'Say deploy.restart_policy',
  security_opt: 'Set no-new-privileges and the like in the daemon.json of the engines',
  shm_size: 'Mount a tmpfs on /dev/shm in volumes',
  tmpfs: "Say volumes: [{ type: 'tmpfs', target: '/tmp' }]",
  userns_mode: 'Set userns-remap in the daemon.json of the engines',
};

/**
 * What keeps a service from being one: SWARM-05 a key that the engine ignores, SWARM-08 one that the client refuses or
 * that is not known, SWARM-03 a word that is none of the known, SWARM-07 a value of another form.
 */
export function formFindings(spec: unknown): Finding[] {
  const { image, deploy } = (isRecord(spec) ? spec : {}) as { image?: unknown; deploy?: { mode?: unknown } };
  return [
    ...(image === undefined ? [missing('image', 'the name of an image')] : []),
    ...(deploy?.mode === undefined ? [missing('deploy.mode', 'replicated or global')] : []),
    ...findingsOf(spec, SERVICE, []),
  ];
}

function missing(at: string, wanted: string): Finding {
  return { code: 'SWARM-07', value: at, message: 'a service needs it', fix: `Write ${wanted}` };
}

function findingsOf(value: unknown, shape: Shape, path: readonly string[]): Finding[] {
  // As if it were not there.
  if (value === undefined) return [];
  const at = path.join('.');
  if (typeof shape === 'function') {
    const wanted = shape(value);
    return wanted === undefined ? [] : [formFinding(at, value, wanted)];
  }
  if ('of' in shape) return shape.of.includes(value as string) ? [] : [wordFinding(at, value, shape.of)];
  if ('item' in shape) {
    if (!Array.isArray(value)) return [formFinding(at, value, 'a list')];
    return value.flatMap((item, index) =>
      // In a list it would be there, as nothing.
      item === undefined
        ? [formFinding(`${at}.${index}`, item, 'a value, or leave it out')]
        : findingsOf(item, shape.item, [...path, String(index)]),
    );
  }
  if (!isRecord(value)) return [formFinding(at, value, 'names with values')];
  return Object.entries(value).flatMap(([key, each]) => {
    if ('name' in shape && shape.name(key) !== undefined) {
      return [formFinding(at, key, shape.name(key) ?? '')];
    }
    const inner = 'value' in shape ? shape.value : Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (inner !== undefined) return findingsOf(each, inner, [...path, key]);
    return each === undefined
      ? []
      : [keyFinding([...path, key], path.length === 0 && Object.hasOwn(IGNORED, key) ? IGNORED[key] : undefined)];
  });
}

function keyFinding(path: readonly string[], instead: string | undefined): Finding {
  const value = path.join('.');
  if (instead !== undefined) {
    return { code: 'SWARM-05', value, message: 'docker stack deploy ignores it without a word', fix: instead };
  }
  return {
    code: 'SWARM-08',
    value,
    message: 'not a key that is known to do something at docker stack deploy',
    fix: 'Correct it, or leave it out',
  };
}

function wordFinding(at: string, value: unknown, words: readonly string[]): Finding {
  return {
    code: 'SWARM-03',
    value: `${at}: ${String(value)}`,
    message: 'none of the words that the engine knows, and the client does not look',
    fix: `Write ${words.join(', ').replace(/, ([^,]*)$/, ' or $1')}`,
  };
}

function formFinding(at: string, value: unknown, wanted: string): Finding {
  return {
    code: 'SWARM-07',
    value: `${at}: ${JSON.stringify(value)}`,
    message: 'docker stack deploy would refuse it, or take it for something else',
    fix: `Write ${wanted}`,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
