import type { NodeRecordProps } from '../../lib/model/node-record';
import { printProblem } from '../../lib/model/problem';
import { readSettings } from '../../lib/rotater/read-settings';
import { settingsOf } from '../support/derive';

const problemsOf = (raw: unknown) => readSettings(raw, (path) => path.join('.') || 'top').problems.map(printProblem);

test('defaults', () => {
  expect(settingsOf({ certificates: { issuer: 'letsencrypt' }, dns: { targets: ['203.0.113.10'] } })).toEqual({
    selector: [],
    zones: [],
    certificates: {
      issuer: { kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: false, solvers: [] },
      strategy: { kind: 'per-route', besideWildcard: false },
      template: { labels: {}, annotations: {}, spec: {} },
    },
    dns: { targets: { kind: 'fixed', targets: ['203.0.113.10'] }, ttlSeconds: 300 },
  });
});

test('everything', () => {
  const settings = settingsOf({
    ingressClass: 'traefik',
    namespaces: ['shop'],
    selector: 'team=shop',
    zones: ['example.com', { name: 'example.org', private: true }],
    certificates: {
      issuer: { kind: 'Issuer', name: 'ours', letsEncrypt: true },
      strategy: 'wildcard-per-zone',
      wildcardNamespace: 'edge',
      template: { labels: { a: 'b' }, annotations: { c: 'd' }, spec: { revisionHistoryLimit: 2 } },
    },
    dns: { service: 'edge/traefik', clusterAddress: true, ttlSeconds: 60 },
  });
  expect(settings).toMatchObject({
    ingressClass: 'traefik',
    namespaces: ['shop'],
    selector: [{ kind: 'in', key: 'team', values: ['shop'] }],
    zones: [
      { name: 'example.com', isPrivate: false },
      { name: 'example.org', isPrivate: true },
    ],
    certificates: {
      issuer: { kind: 'Issuer', name: 'ours', letsEncrypt: true },
      strategy: { kind: 'wildcard-per-zone' },
      wildcardNamespace: 'edge',
      template: { labels: { a: 'b' }, annotations: { c: 'd' }, spec: { revisionHistoryLimit: 2 } },
    },
    dns: { targets: { kind: 'service', namespace: 'edge', name: 'traefik', clusterAddress: true }, ttlSeconds: 60 },
  });
});

test('targets by annotation only', () => {
  expect(settingsOf({ dns: {} }).dns?.targets).toEqual({ kind: 'annotation' });
});

test.each([
  [
    null,
    'SETTINGS-01 [top] the file is a map of settings. Write certificates: and dns: sections, as in docs/rotater.md',
  ],
  [{}, 'SETTINGS-02 [top] neither certificates nor DNS records are asked for. Give an issuer, targets, or both'],
  [
    { dsn: {} },
    'SETTINGS-01 [dsn] there is no such setting here (dsn). There are ingressClass, namespaces, selector, zones, certificates, dns, nodes',
  ],
  [
    { dns: { tll: 1 } },
    'SETTINGS-01 [dns.tll] there is no such setting here (tll). There are targets, service, clusterAddress, ttlSeconds',
  ],
  [{ dns: 1 }, 'SETTINGS-01 [dns] dns is a section (1). Write its settings below it, indented'],
  [
    { dns: { targets: '203.0.113.10' } },
    'SETTINGS-01 [dns.targets] dns.targets is a list of addresses, or of one host name (203.0.113.10). Write targets: [203.0.113.10]',
  ],
  [
    { dns: { targets: [] } },
    'SETTINGS-01 [dns.targets] dns.targets is a list of addresses, or of one host name ([]). Write targets: [203.0.113.10]',
  ],
  [
    { dns: { service: 'traefik' } },
    'SETTINGS-01 [dns.service] dns.service is a Service with its namespace (traefik). Write service: edge/traefik',
  ],
  [
    { dns: { service: 'Edge/traefik' } },
    'NAME-04 [dns.service] service is not a name that a namespace can have (Edge). Use lower-case letters, digits and hyphens, 63 characters at most',
  ],
  [
    { dns: { targets: ['203.0.113.10'], service: 'edge/traefik' } },
    'SETTINGS-03 [dns.service] targets come from a list or from a Service, not from both (edge/traefik). Leave targets or service out',
  ],
  [
    { dns: { clusterAddress: true } },
    'SETTINGS-03 [dns.clusterAddress] the address of a Service is asked for, and no Service is named (clusterAddress). Give service, or leave clusterAddress out',
  ],
  [
    { dns: { ttlSeconds: 0 } },
    'DNS-05 [dns.ttlSeconds] a time to live is a whole number of seconds from 1 to 2147483647 (RFC 2181, 8) (0). Leave ttlSeconds out for 300',
  ],
  [
    { dns: { ttlSeconds: '60' } },
    'SETTINGS-01 [dns.ttlSeconds] dns.ttlSeconds is a time in seconds (60). Write ttlSeconds: 300',
  ],
  [
    { dns: {}, selector: 'a b' },
    'SETTINGS-01 [selector] selector is a label selector (a b). Write it as for kubectl, such as team=shop,tier!=test',
  ],
  [
    { dns: {}, namespaces: [] },
    'SETTINGS-01 [namespaces] namespaces is a list of namespaces ([]). Leave it out for all',
  ],
  [
    { dns: {}, zones: ['*.example.com'] },
    'ZONE-02 [zones] not the name of a zone (*.example.com). Give its apex, such as example.com',
  ],
  [
    { dns: {}, zones: [{ name: 'example.com', privte: true }] },
    'SETTINGS-01 [zones.0.privte] there is no such setting here (privte). There are name, private',
  ],
  [
    { certificates: {} },
    'SETTINGS-01 [certificates.issuer] certificates.issuer is the name of a ClusterIssuer. Write issuer: letsencrypt',
  ],
  [
    { certificates: { issuer: { kind: 'Foo', name: 'x' } } },
    'SETTINGS-01 [certificates.issuer.kind] certificates.issuer.kind is the kind of an issuer (Foo). Write ClusterIssuer or Issuer',
  ],
  [
    { certificates: { issuer: 'A b' } },
    'NAME-04 [certificates.issuer] issuer is not a name that an object in Kubernetes can have (A b). Use lower-case letters, digits, hyphens and dots',
  ],
  [
    { certificates: { issuer: 'x', strategy: 'wildcard-per-zone' } },
    'SETTINGS-03 [certificates.strategy] nobody said where the certificates of zones go (wildcard-per-zone). Give wildcardNamespace: that of the Traefik whose default TLSStore serves them',
  ],
  [
    { certificates: { issuer: 'x', template: { spec: { dnsNames: [] } } } },
    'SETTINGS-01 [certificates.template.spec] certificates.template.spec is fields of a Certificate\'s spec but secretName, dnsNames, issuerRef, which are derived ({"dnsNames":[]}). Leave these out',
  ],
])('%j is refused', (raw, problem) => {
  expect(problemsOf(raw)).toEqual([problem]);
});

describe('nodes', () => {
  const nodes = { endpoint: 'edge/traefik-nodes', hostName: 'Edge.example.com.' };

  test('are enough', () => {
    expect(settingsOf({ nodes }).nodes).toEqual({
      endpoint: { namespace: 'edge', name: 'traefik-nodes' },
      hostName: 'edge.example.com',
      labels: {},
      service: undefined,
      addressType: undefined,
      ttlSeconds: 60,
    });
  });

  test('everything', () => {
    const all: Required<NodeRecordProps> = {
      ...nodes,
      ...{ labels: { edge: 'true' }, service: 'edge/traefik', addressType: 'InternalIP', ttlSeconds: 5 },
    };
    expect(settingsOf({ nodes: all }).nodes).toEqual({
      endpoint: { namespace: 'edge', name: 'traefik-nodes' },
      hostName: 'edge.example.com',
      labels: { edge: 'true' },
      service: { namespace: 'edge', name: 'traefik' },
      addressType: 'InternalIP',
      ttlSeconds: 5,
    });
  });

  test.each([
    [
      { ...nodes, endpoint: 'nodes' },
      'SETTINGS-01 [nodes.endpoint] nodes.endpoint is a DNSEndpoint with its namespace (nodes). Write endpoint: edge/traefik-nodes',
    ],
    [
      { ...nodes, addressType: 'Hostname' },
      'SETTINGS-01 [nodes.addressType] nodes.addressType is a type of addresses (Hostname). Write ExternalIP or InternalIP',
    ],
    [{ ...nodes, endpoint: 'Edge/nodes' }, 'NAME-04 [nodes.endpoint]'],
    [{ ...nodes, service: 'edge/Traefik' }, 'NAME-04 [nodes.service]'],
    [{ ...nodes, hostName: 'edge' }, 'HOST-01 [nodes.hostName]'],
    [{ ...nodes, labels: { 'a b': 'c' } }, 'NAME-06 [nodes.labels]'],
    [{ ...nodes, ttlSeconds: 0 }, 'DNS-05 [nodes.ttlSeconds]'],
  ])('%j are refused', (wrong, problem) => {
    expect(problemsOf({ nodes: wrong })).toEqual([expect.stringContaining(problem)]);
  });

  test('the name lies in one of the zones', () => {
    expect(problemsOf({ nodes, zones: ['example.org'] })).toEqual([
      expect.stringMatching(/^ZONE-01 \[nodes\.hostName\]/),
    ]);
  });
});

test('all that is wrong at once', () => {
  expect(problemsOf({ dns: { ttlSeconds: '1', targets: 1 }, zone: 1 })).toHaveLength(3);
});
