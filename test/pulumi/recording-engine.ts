import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';

const fromPulumi = createRequire(require.resolve('@pulumi/pulumi/package.json'));
// biome-ignore lint/suspicious/noExplicitAny: the generated stubs have no types that a test needs
type Stub = any;
const grpc: Stub = fromPulumi('@grpc/grpc-js');
const { Empty }: Stub = fromPulumi('google-protobuf/google/protobuf/empty_pb.js');
const { Struct }: Stub = fromPulumi('google-protobuf/google/protobuf/struct_pb.js');
const proto = (name: string): Stub => fromPulumi(`@pulumi/pulumi/proto/${name}`);

/** What marks a value as what it is, on the wire. */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';
const OUTPUT = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A resource that a program asked for. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string;
  readonly provider: string;
  readonly version: string;
  readonly isCustom: boolean;
  /** Secrets as `{ secret }`, values that are unknown in a preview as `{ unknown: true }`. */
  readonly inputs: Record<string, unknown>;
  readonly dependencies: readonly string[];
  readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
  readonly secretOutputs: readonly string[];
  readonly aliases: readonly unknown[];
  /** What it is taken over from, by the id that its provider knows. */
  readonly importId: string;
}

/** What a run of a program came to. */
export interface Recorded {
  readonly resources: readonly Registration[];
  /** The outputs of the stack. */
  readonly outputs: Record<string, unknown>;
  /** What was logged, errors first. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** What the engine answers a registration with, beside its inputs; values are plain. */
export type Answer = (resource: Registration) => Promise<Record<string, unknown>> | Record<string, unknown>;

export interface RunOptions {
  /** The program: a TypeScript file. */
  readonly program: string;
  /** Where it is run, and what the CLI calls it there; as `projectAt` finds them. */
  readonly project?: { readonly pwd: string; readonly main: string };
  readonly preview?: boolean;
  readonly answer?: Answer;
  readonly config?: Readonly<Record<string, string>>;
  /** Whether its types are checked first, as Pulumi does where nobody says otherwise; it takes its time. */
  readonly checkTypes?: boolean;
}

/** What the CLI makes of the `main` of a Pulumi.yaml in `folder`: a folder stands for what Node would find in it. */
export function projectAt(folder: string): { readonly pwd: string; readonly main: string } {
  const { main = '.' } = parse(readFileSync(join(folder, 'Pulumi.yaml'), 'utf8')) as { readonly main?: string };
  const path = join(folder, main);
  return statSync(path).isDirectory() ? { pwd: path, main: '.' } : { pwd: dirname(path), main: basename(path) };
}

/** Runs a program as `pulumi up`, or `pulumi preview`, does: by Pulumi's own language host, against this engine. */
export async function runProgram({
  program,
  project: { pwd, main } = { pwd: dirname(program), main: program },
  preview = false,
  answer = () => ({}),
  config = {},
  checkTypes = false,
}: RunOptions): Promise<Recorded> {
  const resources: Registration[] = [];
  const urns = new Set<string>();
  const outputs: Record<string, unknown> = {};
  const errors: string[] = [];
  const warnings: string[] = [];
  let ended: () => void = () => {};
  const failed = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const { RegisterResourceResponse, SupportsFeatureResponse, InvokeResponse, ReadResourceResponse }: Stub = {
    ...proto('resource_pb.js'),
    ...proto('provider_pb.js'),
  };

  const server = new grpc.Server({ 'grpc.max_receive_message_length': 2 ** 28 });
  const unary =
    (handle: (request: Stub) => unknown) =>
    ({ request }: Stub, done: (error: unknown, response?: unknown) => void) =>
      void Promise.resolve()
        .then(() => handle(request))
        .then(
          (response) => done(null, response ?? new Empty()),
          (error) => done({ code: grpc.status.INVALID_ARGUMENT, message: String(error.message ?? error) }),
        );
  // Callbacks of the program, which have a say in what it asks for: those of each resource hold for what is below it.
  const stackTransforms: Stub[] = [];
  const transformsOf = new Map<string, readonly Stub[]>();
  const transformed = async (request: Stub) => {
    const own = request.getTransformsList();
    const all = [...own, ...(transformsOf.get(request.getParent()) ?? [])];
    for (const callback of [...all, ...stackTransforms]) await transform(request, callback);
    return all;
  };
  const register = async (request: Stub) => {
    const transforms = await transformed(request);
    const type = request.getType();
    const name = request.getName();
    const parent = request.getParent();
    const inherited = parent === '' ? '' : `${parent.split('::')[2]}$`;
    const prefix = inherited.startsWith('pulumi:pulumi:Stack') ? '' : inherited;
    const urn = `urn:pulumi:test::project::${prefix}${type}::${name}`;
    if (urns.has(urn)) throw new Error(`Duplicate resource URN '${urn}'`);
    const resource: Registration = {
      urn,
      type,
      name,
      parent,
      provider: request.getProvider(),
      version: request.getVersion(),
      isCustom: request.getCustom(),
      inputs: readable(request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>,
      dependencies: [...request.getDependenciesList()].sort(),
      propertyDependencies: Object.fromEntries(
        [...request.getPropertydependenciesMap().entries()].map(([key, value]: [string, Stub]) => [
          key,
          [...value.getUrnsList()].sort(),
        ]),
      ),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      aliases: request.getAliasesList().map((alias: Stub) => alias.toObject()),
      importId: request.getImportid(),
    };
    urns.add(urn);
    transformsOf.set(urn, transforms);
    resources.push(resource);
    const response = new RegisterResourceResponse();
    response.setUrn(urn);
    if (resource.isCustom) {
      response.setId(preview ? '' : `${name}-id`);
      const own = request.getObject()?.toJavaScript() ?? {};
      const answered = preview ? {} : await answer(resource);
      response.setObject(Struct.fromJavaScript({ ...own, ...answered }));
    }
    return response;
  };
  const readOutputs = (request: Stub) => {
    const urn = request.getUrn();
    if (!urn.includes('pulumi:pulumi:Stack')) return;
    Object.assign(outputs, readable(request.getOutputs()?.toJavaScript() ?? {}));
  };
  server.addService(proto('resource_grpc_pb.js').ResourceMonitorService, {
    supportsFeature: unary(() => {
      const response = new SupportsFeatureResponse();
      response.setHassupport(true);
      return response;
    }),
    registerResource: unary(register),
    registerResourceOutputs: unary(readOutputs),
    readResource: unary((request) => {
      const response = new ReadResourceResponse();
      response.setUrn(`urn:pulumi:test::project::${request.getType()}::${request.getName()}`);
      response.setProperties(request.getProperties());
      return response;
    }),
    invoke: unary(() => new InvokeResponse()),
    signalAndWaitForShutdown: unary(() => undefined),
    registerStackTransform: unary((callback) => void stackTransforms.push(callback)),
    registerStackInvokeTransform: unary(() => undefined),
    registerResourceHook: unary(() => undefined),
    registerErrorHook: unary(() => undefined),
    registerPackage: unary(() => undefined),
    call: unary(() => undefined),
    streamInvoke: () => {},
  });
  server.addService(proto('engine_grpc_pb.js').EngineService, {
    log: unary((request) => {
      const severity = request.getSeverity();
      if (severity >= 3) {
        errors.push(request.getMessage());
        // An uncaught error takes half a minute to end the program.
        setTimeout(ended, 1500).unref();
      } else if (severity === 2) warnings.push(request.getMessage());
    }),
    getRootResource: unary(() => new (proto('engine_pb.js').GetRootResourceResponse)()),
    setRootResource: unary(() => new (proto('engine_pb.js').SetRootResourceResponse)()),
    startDebugging: unary(() => undefined),
    requirePulumiVersion: unary(() => new (proto('engine_pb.js').RequirePulumiVersionResponse)()),
  });
  const port: number = await new Promise((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error: Error | null, bound: number) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const host = join(dirname(require.resolve('@pulumi/pulumi/package.json')), 'cmd/run');
  const address = `127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    [
      host,
      ...[`--monitor=${address}`, `--engine=${address}`, '--project=project', '--stack=test', '--organization=org'],
      ...['--parallel=16', ...(preview ? ['--dry-run'] : []), `--pwd=${pwd}`, main],
    ],
    {
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: '[]',
        PULUMI_NODEJS_TYPESCRIPT: 'true',
        PULUMI_NODEJS_TRANSPILE_ONLY: String(!checkTypes),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await Promise.race([exited, failed]);
  child.kill('SIGKILL');
  const status = await exited;
  server.forceShutdown();
  if (errors.length === 0 && status !== 0) errors.push(`ended with ${status}: ${said}`);
  return { resources, outputs, errors, warnings };
}

/** `value` without the marks of secrets, as a provider sees it. */
export function revealedSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealedSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === 'secret') return revealedSecrets(entries[0][1]);
  return Object.fromEntries(entries.map(([key, part]) => [key, revealedSecrets(part)]));
}

/** Has a callback of the program change `request`, as the engine does. */
async function transform(request: Stub, callback: Stub): Promise<void> {
  const { TransformRequest, TransformResponse, TransformResourceOptions } = proto('resource_pb.js');
  const { CallbackInvokeRequest } = proto('callback_pb.js');
  const options = new TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  options.setVersion(request.getVersion());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setImport(request.getImportid());
  const asked = new TransformRequest();
  asked.setType(request.getType());
  asked.setName(request.getName());
  asked.setCustom(request.getCustom());
  asked.setParent(request.getParent());
  asked.setProperties(request.getObject());
  asked.setOptions(options);
  const invocation = new CallbackInvokeRequest();
  invocation.setToken(callback.getToken());
  invocation.setRequest(asked.serializeBinary());
  const { CallbacksClient } = proto('callback_grpc_pb.js');
  const client = new CallbacksClient(callback.getTarget(), grpc.credentials.createInsecure());
  const answer: Stub = await new Promise((resolve, reject) =>
    client.invoke(invocation, (error: Error | null, response: Stub) => (error ? reject(error) : resolve(response))),
  );
  client.close();
  const changed = TransformResponse.deserializeBinary(answer.getResponse_asU8());
  request.setObject(changed.getProperties());
  const said = changed.getOptions();
  if (!said) return;
  request.setDependenciesList(said.getDependsOnList());
  request.setAliasesList(said.getAliasesList());
  request.setProvider(said.getProvider());
  request.setVersion(said.getVersion());
  request.setAdditionalsecretoutputsList(said.getAdditionalSecretOutputsList());
  request.setImportid(said.getImport());
}

/** A value off the wire, with its marks in words. */
function readable(value: unknown): unknown {
  if (value === UNKNOWN) return { unknown: true };
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  const marked = value as Record<string, unknown>;
  if (marked[SIGNATURE] === SECRET) return { secret: readable(marked.value) };
  if (marked[SIGNATURE] === OUTPUT) {
    const inner = 'value' in marked ? readable(marked.value) : { unknown: true };
    return marked.secret === true ? { secret: inner } : inner;
  }
  return Object.fromEntries(Object.entries(marked).map(([key, part]) => [key, readable(part)]));
}
