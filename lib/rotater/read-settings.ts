import type { z } from 'zod';
import { NODE_TTL_SECONDS } from '../model/drain';
import { canonicalHost, hostFindings } from '../model/host';
import type { Issuer } from '../model/issuer';
import { mapFindings, namespaceFindings, referenceFindings } from '../model/kube-name';
import { namespacedFindings, splitReference } from '../model/node-record';
import { type Finding, locate, type Problem } from '../model/problem';
import { DEFAULT_TTL_SECONDS, targetFindings } from '../model/records';
import { CertificateStrategy } from '../model/strategy';
import { HostedZone, zoneFindings, zoneMembershipFindings } from '../model/zone';
import type { ValuePath } from './route-object';
import { parseSelector } from './selector';
import type { CertificateSettings, DnsSettings, NodeSettings, RotaterSettings, TargetSource } from './settings';
import type { RotaterSettingsProps } from './settings-props';
import { settingsSchema } from './settings-schema';

/**
 * The settings that `raw` says, or everything that is wrong with it.
 *
 * Reports SETTINGS-01 for the form, SETTINGS-02 where nothing would be derived, SETTINGS-03 where two things exclude one
 * another; and what the model's rules say about names, zones and targets.
 *
 * @param placeOf says where a value stands, such as file, line and column
 */
export function readSettings(
  raw: unknown,
  placeOf: (path: ValuePath) => string,
): { readonly settings: RotaterSettings; readonly problems: readonly [] } | { readonly problems: readonly Problem[] } {
  const parsed = settingsSchema.safeParse(raw);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => formProblems(issue, raw, placeOf)) };
  const problems = contentProblems(parsed.data, placeOf);
  return problems.length > 0 ? { problems } : { settings: settingsOf(parsed.data), problems: [] };
}

function settingsOf({
  selector,
  zones = [],
  certificates,
  dns,
  nodes,
  ...which
}: RotaterSettingsProps): RotaterSettings {
  return {
    ...which,
    namespaces: which.namespaces && [...new Set(which.namespaces)],
    selector: parseSelector(selector ?? '') ?? [],
    zones: zones.map(zoneOf),
    certificates: certificates && certificatesOf(certificates),
    dns: dns && dnsOf(dns),
    nodes: nodes && nodesOf(nodes),
  };
}

function zoneOf(zone: NonNullable<RotaterSettingsProps['zones']>[number]): HostedZone {
  return typeof zone === 'string' ? HostedZone.of(zone) : HostedZone.of(zone.name, { private: zone.private });
}

function certificatesOf({
  issuer,
  strategy,
  wildcardNamespace,
  template = {},
}: NonNullable<RotaterSettingsProps['certificates']>): CertificateSettings {
  const { labels = {}, annotations = {}, spec = {} } = template;
  return {
    issuer: issuerOf(issuer),
    strategy: strategy === 'wildcard-per-zone' ? CertificateStrategy.wildcardPerZone() : CertificateStrategy.perRoute(),
    wildcardNamespace,
    template: { labels, annotations, spec },
  };
}

function issuerOf(issuer: NonNullable<RotaterSettingsProps['certificates']>['issuer']): Issuer {
  const {
    kind,
    name,
    letsEncrypt = false,
  } = typeof issuer === 'string' ? { kind: 'ClusterIssuer' as const, name: issuer } : issuer;
  return { kind, name, letsEncrypt, solvers: [] };
}

function dnsOf(dns: NonNullable<RotaterSettingsProps['dns']>): DnsSettings {
  return { targets: targetSource(dns), ttlSeconds: dns.ttlSeconds ?? DEFAULT_TTL_SECONDS };
}

function targetSource({
  targets,
  service,
  clusterAddress = false,
}: NonNullable<RotaterSettingsProps['dns']>): TargetSource {
  if (targets !== undefined) return { kind: 'fixed', targets };
  if (service === undefined) return { kind: 'annotation' };
  const [namespace = '', name = ''] = service.split('/');
  return { kind: 'service', namespace, name, clusterAddress };
}

function nodesOf({
  endpoint,
  hostName,
  labels = {},
  service,
  addressType,
  ttlSeconds,
}: NonNullable<RotaterSettingsProps['nodes']>): NodeSettings {
  return {
    endpoint: splitReference(endpoint),
    hostName: canonicalHost(hostName),
    labels,
    service: service === undefined ? undefined : splitReference(service),
    addressType,
    ttlSeconds: ttlSeconds ?? NODE_TTL_SECONDS,
  };
}

function contentProblems(raw: RotaterSettingsProps, placeOf: (path: ValuePath) => string): Problem[] {
  const { certificates, dns, nodes, zones = [], namespaces = [], ingressClass } = raw;
  const at = (path: ValuePath, findings: readonly Finding[]) => locate(findings, placeOf(path));
  return [
    ...(certificates === undefined && dns === undefined && nodes === undefined ? at([], [NOTHING]) : []),
    ...at(['zones'], zoneFindings(zones.map(zoneOf))),
    ...namespaces.flatMap((name, index) => at(['namespaces', index], namespaceFindings('namespaces', name))),
    ...at(['ingressClass'], referenceFindings('ingressClass', ingressClass)),
    ...(certificates ? certificateProblems(certificates, at) : []),
    ...(dns ? dnsProblems(dns, at) : []),
    ...(nodes ? nodeProblems(nodes, zones.map(zoneOf), at) : []),
  ];
}

type At = (path: ValuePath, findings: readonly Finding[]) => Problem[];

function certificateProblems(
  { issuer, strategy, wildcardNamespace, template = {} }: NonNullable<RotaterSettingsProps['certificates']>,
  at: At,
): Problem[] {
  const unplaced = strategy === 'wildcard-per-zone' && wildcardNamespace === undefined ? [UNPLACED] : [];
  return [
    ...at(['certificates', 'issuer'], referenceFindings('issuer', issuerOf(issuer).name)),
    ...at(['certificates', 'strategy'], unplaced),
    ...at(
      ['certificates', 'wildcardNamespace'],
      wildcardNamespace === undefined ? [] : namespaceFindings('wildcardNamespace', wildcardNamespace),
    ),
    ...at(['certificates', 'template', 'labels'], mapFindings('labels', template.labels)),
    ...at(['certificates', 'template', 'annotations'], mapFindings('annotations', template.annotations)),
  ];
}

function dnsProblems(dns: NonNullable<RotaterSettingsProps['dns']>, at: At): Problem[] {
  const { targets, service, clusterAddress, ttlSeconds = DEFAULT_TTL_SECONDS } = dns;
  // Where the targets are not known yet, the time to live is looked at all the same.
  const findings = targetFindings({ targets: targets ?? ['203.0.113.10'], ttlSeconds });
  const [namespace = '', name = ''] = service?.split('/') ?? [];
  return [
    ...at(
      ['dns', 'targets'],
      findings.filter(({ code }) => code !== 'DNS-05'),
    ),
    ...at(
      ['dns', 'ttlSeconds'],
      findings.filter(({ code }) => code === 'DNS-05'),
    ),
    ...at(['dns', 'service'], targets !== undefined && service !== undefined ? [exclusive(service)] : []),
    ...at(
      ['dns', 'service'],
      service === undefined ? [] : [...namespaceFindings('service', namespace), ...referenceFindings('service', name)],
    ),
    ...at(['dns', 'clusterAddress'], clusterAddress && service === undefined ? [NO_SERVICE] : []),
  ];
}

function nodeProblems(
  { endpoint, hostName, labels, service, ttlSeconds = NODE_TTL_SECONDS }: NonNullable<RotaterSettingsProps['nodes']>,
  zones: readonly HostedZone[],
  at: At,
): Problem[] {
  const host = canonicalHost(hostName);
  return [
    ...at(['nodes', 'endpoint'], namespacedFindings('endpoint', endpoint)),
    ...at(['nodes', 'hostName'], [...hostFindings(host), ...zoneMembershipFindings([host], zones)]),
    ...at(['nodes', 'labels'], mapFindings('labels', labels)),
    ...at(['nodes', 'service'], service === undefined ? [] : namespacedFindings('service', service)),
    // The targets are not known yet.
    ...at(['nodes', 'ttlSeconds'], targetFindings({ targets: ['203.0.113.10'], ttlSeconds })),
  ];
}

const NOTHING: Finding = {
  code: 'SETTINGS-02',
  value: '',
  message: 'neither certificates nor DNS records are asked for',
  fix: 'Give an issuer, targets, or both',
};

const UNPLACED: Finding = {
  code: 'SETTINGS-03',
  value: 'wildcard-per-zone',
  message: 'nobody said where the certificates of zones go',
  fix: 'Give wildcardNamespace: that of the Traefik whose default TLSStore serves them',
};

const NO_SERVICE: Finding = {
  code: 'SETTINGS-03',
  value: 'clusterAddress',
  message: 'the address of a Service is asked for, and no Service is named',
  fix: 'Give service, or leave clusterAddress out',
};

function exclusive(service: string): Finding {
  return {
    code: 'SETTINGS-03',
    value: service,
    message: 'targets come from a list or from a Service, not from both',
    fix: 'Leave targets or service out',
  };
}

/** SETTINGS-01 for what has not the form of settings. */
function formProblems(issue: z.core.$ZodIssue, raw: unknown, placeOf: (path: ValuePath) => string): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      code: 'SETTINGS-01',
      at: placeOf([...issue.path, key]),
      value: key,
      message: 'there is no such setting here',
      fix: `There are ${keysAt(issue.path).join(', ')}`,
    }));
  }
  // Of two forms that a value can have, the one that it comes closest to tells more.
  if (issue.code === 'invalid_union') {
    const [closest = []] = [...issue.errors].sort((a, b) => depth(b) - depth(a));
    return closest.flatMap((inner) =>
      formProblems({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, raw, placeOf),
    );
  }
  const [expected = '', fix = 'See docs/rotater.md'] = issue.message.split(/\. (?=[A-Z])/);
  return [
    {
      code: 'SETTINGS-01',
      at: placeOf(issue.path),
      value: shown(valueAt(raw, issue.path)),
      message: `${issue.path.join('.') || 'the file'} is ${expected}`,
      fix,
    },
  ];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)));
}

/** The settings that there are below `path`. */
function keysAt(path: ValuePath): string[] {
  let schema = settingsSchema as unknown as SchemaPart;
  for (const key of path) schema = section(schema.shape?.[key as string] ?? schema.element ?? {});
  return Object.keys(schema.shape ?? {});
}

/** What a schema is asked for here. */
interface SchemaPart {
  readonly shape?: Readonly<Record<string, SchemaPart>>;
  readonly element?: SchemaPart;
  readonly options?: readonly SchemaPart[];
  unwrap?(): SchemaPart;
}

/** Of what may be left out, the schema itself; of several forms, the one that is a section. */
function section(schema: SchemaPart): SchemaPart {
  if (schema.element) return schema;
  if (schema.unwrap) return section(schema.unwrap());
  return schema.options?.find(({ shape }) => shape !== undefined) ?? schema;
}

function valueAt(raw: unknown, path: ValuePath): unknown {
  let value = raw;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return value;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
