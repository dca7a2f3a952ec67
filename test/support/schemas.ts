import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { parseAllDocuments } from 'yaml';

/** A JSON Schema in the dialect of OpenAPI 3.0 and Kubernetes; only what is read here has a type. */
interface Schema {
  readonly [keyword: string]: unknown;
  readonly type?: string | readonly string[];
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
}

/** Everything that the pinned releases say about their kinds. */
interface Catalogue {
  /** What it was made of: another value means that it is stale. */
  readonly key: string;
  /** By `apiVersion kind`: the name of its schema, and whether a CRD brought it. */
  readonly kinds: Record<string, { readonly schema: string; readonly custom: boolean }>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

const PINS = join(__dirname, '../upstream/schemas');
const CACHE = join(__dirname, '../../node_modules/.cache/traefik-ha/schemas.json');

/** Where each pinned release keeps its CRDs: a file, or a folder of files. */
const CRDS: readonly (readonly [module: string, path: string])[] = [
  ['github.com/traefik/traefik/v3', 'integration/fixtures/k8s/01-traefik-crd.yml'],
  ['github.com/cert-manager/cert-manager', 'deploy/crds'],
  ['sigs.k8s.io/external-dns', 'config/crd/standard'],
  ['github.com/aws-controllers-k8s/iam-controller', 'config/crd/bases'],
  ...['podmonitors', 'prometheusrules'].map(
    (plural) =>
      [
        'github.com/prometheus-operator/prometheus-operator',
        `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
      ] as const,
  ),
];

/**
 * What strict field validation of the API server (`kubectl apply --validate=strict`) holds against `object`, one line
 * each with the field and its value; empty when it takes the object.
 *
 * The schemas are those of the releases pinned in `test/upstream/schemas/go.mod`: the CRDs of Traefik, cert-manager,
 * external-dns, the ACK IAM controller and the Prometheus Operator, and the stable (not alpha, not beta) APIs of Kubernetes. The first call
 * downloads them with Go and leaves an extract in `node_modules/.cache`; later runs need neither Go nor a network.
 * The call is synchronous, so that no test's timeout cuts the download.
 *
 * Not seen: CEL rules (`x-kubernetes-validations`), admission webhooks, and what the API server checks in Go beyond
 * enumerations, quantities, names, labels and annotations: a port of 70000, a selector that misses its own pods,
 * references to objects that do not exist. Nor is an older Kubernetes, which lacks the newest fields.
 */
export function schemaProblems(object: unknown): string[] {
  const sent: unknown = JSON.parse(JSON.stringify(object) ?? 'null');
  if (!isRecord(sent)) return [`an object is expected, not ${shown(object)}`];
  const { apiVersion, kind } = sent;
  const metadata = isRecord(sent.metadata) ? sent.metadata : {};
  const entry = catalogue().kinds[`${apiVersion} ${kind}`];
  if (!entry) return [`${apiVersion} ${kind}: no pinned release serves this kind`];

  // Go takes null for an absent field; a CRD's schema does not.
  const read = entry.custom ? { ...sent, metadata: withoutNulls(sent.metadata) } : withoutNulls(sent);
  const validate = validator().getSchema(`kubernetes#/components/schemas/${entry.schema}`);
  if (!validate) throw new Error(`the schema ${entry.schema} is missing`);
  validate(read);
  const problems = [...nameProblems(`${apiVersion} ${kind}`, metadata), ...(validate.errors ?? []).flatMap(described)];
  const which = [metadata.namespace, metadata.name ?? metadata.generateName].filter(Boolean).join('/');
  return problems.map((problem) => `${kind} ${which}: ${problem}`);
}

/** Every kind that {@link schemaProblems} knows, as `[apiVersion, kind]`. */
export function knownKinds(): [apiVersion: string, kind: string][] {
  return Object.keys(catalogue().kinds).map((name) => name.split(' ') as [string, string]);
}

// ---- metadata and formats

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_RFC_1035 = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PATH_SEGMENT = /^(?!\.\.?$)[^/%]+$/;
const QUANTITY = '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$';

function isLabelKey(key: string): boolean {
  const [name, prefix, ...more] = key.split('/').reverse();
  return more.length === 0 && !!name && LABEL_VALUE.test(name) && (prefix === undefined || SUBDOMAIN.test(prefix));
}

/** What a signed integer of so many bits holds. */
const integer = (bits: number) => ({
  type: 'number' as const,
  validate: (value: number) => value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1),
});

const FORMATS = {
  int32: integer(32),
  int64: integer(64),
  double: true,
  byte: /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  'date-time': (text: string) =>
    /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
  'namespace name': LABEL,
  'label key': isLabelKey,
  'label value': LABEL_VALUE,
  'annotation key': (key: string) => isLabelKey(key.toLowerCase()),
} as const;

function nameProblems(kind: string, { name, generateName }: Record<string, unknown>): string[] {
  if (name === undefined) return generateName === undefined ? ['metadata.name is required'] : [];
  if (typeof name !== 'string') return [];
  const { form, words } = nameForm(kind);
  return form.test(name) ? [] : [`metadata.name must be ${words}, not ${shown(name)}`];
}

function nameForm(kind: string): { form: RegExp; words: string } {
  if (kind === 'v1 Namespace') return { form: LABEL, words: 'an RFC 1123 label' };
  // From 1.36 on an RFC 1123 label would do.
  if (kind === 'v1 Service') return { form: LABEL_RFC_1035, words: 'an RFC 1035 label' };
  if (kind.startsWith('rbac.authorization.k8s.io/')) return { form: PATH_SEGMENT, words: 'one segment of a path' };
  return { form: SUBDOMAIN, words: 'an RFC 1123 subdomain' };
}

// ---- validation

let loaded: Catalogue | undefined;
let ajv: Ajv | undefined;

function validator(): Ajv {
  if (ajv) return ajv;
  // A keyword or format that nobody thought of throws; it must not pass for checked.
  ajv = new Ajv({
    strict: false,
    strictSchema: true,
    allErrors: true,
    verbose: true,
    validateSchema: false,
    formats: FORMATS,
    code: { regExp },
  });
  ajv.addKeyword('components');
  ajv.addKeyword({ keyword: 'uniqueBy', type: 'array', schemaType: 'array', compile: uniqueBy });
  return ajv.addSchema({ components: catalogue().components }, 'kubernetes');
}

/** As Go reads it, whose flags stand within the pattern. */
const regExp = Object.assign(
  (pattern: string, flags: string) => {
    const caseless = pattern.replace('(?i)', '');
    return new RegExp(caseless, caseless === pattern ? flags : `${flags}i`);
  },
  { code: 'new RegExp' },
);

/** No two items of a list with `x-kubernetes-list-type: map` may have the same `keys`. */
function uniqueBy(keys: string[]): (items: Record<string, unknown>[]) => boolean {
  return (items) => new Set(items.map((item) => JSON.stringify(keys.map((key) => item[key])))).size === items.length;
}

function described(error: ErrorObject): string[] {
  const { keyword, params, data, message } = error;
  const path = fieldPath(error.instancePath);
  const at = path || 'it';
  switch (keyword) {
    case 'propertyNames':
      return []; // What is wrong with the name comes as an error of its own.
    case 'additionalProperties':
      return [`unknown field ${fieldPath(`${error.instancePath}/${params.additionalProperty}`)}`];
    case 'required':
      return [`${fieldPath(`${error.instancePath}/${params.missingProperty}`)} is required`];
    case 'type':
      return [`${at} must be ${[params.type].flat().join(' or ')}, not ${shown(data)}`];
    case 'enum':
      return [`${at} must be one of ${params.allowedValues.map(shown).join(', ')}, not ${shown(data)}`];
    case 'format':
      return [
        `${at}${error.propertyName ? ` has a key that` : ''} must be of the form ${params.format}, not ${shown(data)}`,
      ];
    case 'uniqueBy':
      return [`${at} has two items with the same ${[error.schema].flat().join(', ')}`];
    default:
      return [`${at} ${message}, not ${shown(data)}`];
  }
}

/** A JSON pointer in the words of Kubernetes: `spec.routes[0].match`. */
function fieldPath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) || /[./]/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([name, field]) => [name, withoutNulls(field)]),
  );
}

// ---- the catalogue

function catalogue(): Catalogue {
  loaded ??= cached() ?? gathered();
  return loaded;
}

/** The pinned versions, and how they are read. */
function currentKey(): string {
  return createHash('sha256')
    .update(readFileSync(join(PINS, 'go.mod')))
    .update(readFileSync(join(PINS, 'go.sum')))
    .update(readFileSync(__filename))
    .digest('hex');
}

function cached(): Catalogue | undefined {
  try {
    const found = JSON.parse(readFileSync(CACHE, 'utf8')) as Catalogue;
    return found.key === currentKey() ? found : undefined;
  } catch {
    return undefined; // Absent, or from another time: it is made anew.
  }
}

function gathered(): Catalogue {
  const modules = download();
  const result: Catalogue = { key: currentKey(), kinds: {}, components: { schemas: {} } };
  addBuiltInKinds(result, folderOf(modules, 'k8s.io/kubernetes'));
  for (const file of crdFilesIn(modules)) addCustomKinds(result, file);
  mkdirSync(dirname(CACHE), { recursive: true });
  const unfinished = `${CACHE}.${process.pid}`; // Several test processes may be here at once.
  writeFileSync(unfinished, JSON.stringify(result));
  renameSync(unfinished, CACHE);
  return result;
}

function addBuiltInKinds({ kinds, components: { schemas } }: Catalogue, kubernetes: string): void {
  const specs = join(kubernetes, 'api/openapi-spec/v3');
  for (const file of readdirSync(specs).filter((name) => /__v\d+_openapi\.json$/.test(name))) {
    const spec: OpenApi = JSON.parse(readFileSync(join(specs, file), 'utf8'));
    for (const [name, schema] of Object.entries(spec.components.schemas)) schemas[name] = converted(schema, false);
    for (const [path, { post }] of Object.entries(spec.paths)) {
      if (!post || path.includes('{name}')) continue; // Subresources, such as the eviction of a pod.
      const { group, version, kind } = post['x-kubernetes-group-version-kind'];
      const schema = nameOf(post.requestBody.content['*/*'].schema.$ref);
      kinds[`${group ? `${group}/` : ''}${version} ${kind}`] = { schema, custom: false };
    }
  }
  addEnumerations(schemas, readFileSync(join(kubernetes, 'pkg/generated/openapi/zz_generated.openapi.go'), 'utf8'));
  addForms(schemas);
  requireSpecs(schemas);
}

function addCustomKinds({ kinds, components: { schemas } }: Catalogue, file: string): void {
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const { group, names, versions } = (document.toJS() as Crd).spec;
    for (const version of versions.filter(({ served }) => served)) {
      const schema = [...group.split('.').reverse(), version.name, names.kind].join('.');
      schemas[schema] = withTypeAndMetadata(converted(version.schema.openAPIV3Schema, true));
      kinds[`${group}/${version.name} ${names.kind}`] = { schema, custom: true };
    }
  }
}

/** The published document of one of Kubernetes' API groups. */
interface OpenApi {
  readonly components: { readonly schemas: Record<string, Schema> };
  readonly paths: Record<string, { readonly post?: Post }>;
}

/** How a kind is created. */
interface Post {
  readonly 'x-kubernetes-group-version-kind': {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  };
  readonly requestBody: { readonly content: { readonly '*/*': { readonly schema: { readonly $ref: string } } } };
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

// ---- upstream files

/** The folder of each pinned module in Go's cache, downloaded where absent and held against go.sum either way. */
function download(): Map<string, string> {
  try {
    const output = execFileSync('go', ['mod', 'download', '-json'], {
      cwd: PINS,
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off' },
      stdio: 'pipe',
    });
    const modules: { Path: string; Dir: string }[] = JSON.parse(`[${output.trim().replaceAll('\n}\n{', '\n},\n{')}]`);
    return new Map(modules.map(({ Path, Dir }) => [Path, Dir]));
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: string; stdout?: string; stderr?: string };
    if (code === 'ENOENT') {
      throw new Error(
        'The Kubernetes schemas are downloaded with Go, which is missing: install the version that ' +
          'test/upstream/schemas/go.mod names, or a newer one, from https://go.dev/dl',
      );
    }
    throw new Error(`The Kubernetes schemas cannot be downloaded.\n${stderr || stdout || error}`);
  }
}

/** The CRDs of the pinned releases, as files in Go's module cache. */
export function crdFiles(): string[] {
  return crdFilesIn(download());
}

function crdFilesIn(modules: Map<string, string>): string[] {
  return CRDS.flatMap(([module, path]) => yamlFiles(join(folderOf(modules, module), path)));
}

function folderOf(modules: Map<string, string>, module: string): string {
  const folder = modules.get(module);
  if (!folder) throw new Error(`test/upstream/schemas/go.mod does not require ${module}`);
  return folder;
}

function yamlFiles(path: string): string[] {
  const isYaml = (name: string) => /\.ya?ml$/.test(name);
  return isYaml(path)
    ? [path]
    : readdirSync(path)
        .filter(isYaml)
        .map((name) => join(path, name));
}

// ---- from Kubernetes' dialect to JSON Schema

/**
 * `source` as ajv reads it, closed against unknown fields.
 *
 * @param custom - of a CRD: there each object lists its fields, lists may demand unique items, and a default is filled
 * in before required fields are looked for; built-in types keep such rules in Go
 * @param structural - whether this part says which fields there are; those in `anyOf` and the like only restrict them
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
function converted(source: Schema, custom: boolean, structural = true): Schema {
  const [only, ...more] = source.allOf ?? [];
  if (only?.$ref && more.length === 0) return { $ref: only.$ref }; // So written to put a default beside the reference.

  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(source)) {
    if (keyword.startsWith('x-kubernetes-') || ['description', 'default', 'example'].includes(keyword)) continue;
    result[keyword] = convertedKeyword(keyword, value, custom, structural);
  }
  if (source['x-kubernetes-int-or-string'] || source.format === 'int-or-string') {
    for (const keyword of ['anyOf', 'oneOf', 'format']) delete result[keyword];
    result.type = ['integer', 'string'];
  }
  const open = source.additionalProperties !== undefined || source['x-kubernetes-preserve-unknown-fields'];
  if (structural && source.type === 'object' && !open && (custom || source.properties)) {
    result.additionalProperties = false;
  }
  if (custom) {
    result.required = source.required?.filter((name) => source.properties?.[name]?.default === undefined);
    result.uniqueItems = source['x-kubernetes-list-type'] === 'set' || undefined;
    result.uniqueBy = source['x-kubernetes-list-map-keys'];
  }
  return result;
}

function convertedKeyword(keyword: string, value: unknown, custom: boolean, structural: boolean): unknown {
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(value as Record<string, Schema>).map(([name, part]) => [
          name,
          converted(part, custom, structural),
        ]),
      );
    case 'items':
    case 'additionalProperties':
      return isRecord(value) ? converted(value, custom, structural) : value;
    case 'not':
      return converted(value as Schema, custom, false);
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return (value as Schema[]).map((part) => converted(part, custom, false));
    default:
      return value;
  }
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const CORE = 'io.k8s.api.core.v1';

/** What the API server adds to the schema of every CRD. */
function withTypeAndMetadata(schema: Schema): Schema {
  const metadata = { $ref: `#/components/schemas/${META}.ObjectMeta` };
  return withProperties(schema, { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata });
}

/** Rules for texts that the published documents leave out. */
function addForms(schemas: Record<string, Schema>): void {
  const text = { type: 'string' };
  const labels = {
    type: 'object',
    propertyNames: { format: 'label key' },
    additionalProperties: { ...text, format: 'label value' },
  };
  const forms: Record<string, Record<string, Schema>> = {
    [`${META}.ObjectMeta`]: {
      labels,
      annotations: { type: 'object', propertyNames: { format: 'annotation key' }, additionalProperties: text },
      namespace: { ...text, format: 'namespace name' },
    },
    [`${META}.LabelSelector`]: { matchLabels: labels },
    [`${CORE}.ServiceSpec`]: { selector: labels },
    [`${CORE}.PodSpec`]: { nodeSelector: labels },
  };
  for (const [name, properties] of Object.entries(forms)) schemas[name] = withProperties(schemas[name], properties);
  schemas['io.k8s.apimachinery.pkg.api.resource.Quantity'] = { type: ['number', 'string'], pattern: QUANTITY };
}

/**
 * The enumerations, which a running API server publishes and the documents in its source leave out;
 * the code that both are made from has them.
 */
function addEnumerations(schemas: Record<string, Schema>, source: string): void {
  let schema: Schema | undefined;
  let field = '';
  const lines = /^func schema_(\w+)\(|^\t{5}"(\w+)": \{$|^\t+Enum: +\[\]interface\{\}\{(.+)\},$/gm;
  for (const [, type, property, values] of source.matchAll(lines)) {
    if (type) schema = schemas[type.replace(/^k8sio_/, 'io.k8s.').replaceAll('_', '.')];
    else if (property) field = property;
    else {
      const part = schema?.properties?.[field];
      const named = part?.type === 'array' ? part.items : part;
      if (named) Object.assign(named, { enum: JSON.parse(`[${values}]`) });
    }
  }
}

/** In Go a built-in `spec` that is left out is an empty one, which lacks what it requires. */
function requireSpecs(schemas: Record<string, Schema>): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const { $ref } = schema.properties?.spec ?? {};
    if (typeof $ref === 'string' && schemas[nameOf($ref)]?.required?.length) {
      schemas[name] = { ...schema, required: [...new Set([...(schema.required ?? []), 'spec'])] };
    }
  }
}

function withProperties(schema: Schema | undefined, properties: Record<string, Schema>): Schema {
  return { ...schema, properties: { ...schema?.properties, ...properties } };
}

/** The name of the schema that a reference leads to. */
function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1);
}
