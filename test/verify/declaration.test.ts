import { chosen, servedBy, together } from '../../lib/verify/declaration';
import { readManifests } from '../../lib/verify/manifests';
import { ingressRoute } from '../rotater/support';

const placed = (object: object) => ({ object: object as never, at: 'here', placeOf: () => 'here' });
const endpoint = (dnsName: string, recordType: string, targets: readonly string[]) => ({
  apiVersion: 'externaldns.k8s.io/v1alpha1',
  kind: 'DNSEndpoint',
  metadata: { name: 'x' },
  spec: { endpoints: [{ dnsName, recordType, targets }] },
});
const hostsOf = (...objects: readonly object[]) => readManifests(objects.map(placed)).declaration.hosts;

test('nodes of a host are the targets of its own records, else of the wildcard above it', () => {
  const hosts = hostsOf(
    ingressRoute({ match: 'Host(`a.example.com`) || Host(`b.example.com`) || Host(`c.d.example.com`)' }),
    endpoint('*.example.com', 'A', ['10.0.0.1']),
    endpoint('A.example.com.', 'AAAA', ['2001:db8::1']),
    endpoint('a.example.com', 'CNAME', ['lb.example.net']),
    endpoint('a.example.com', 'TXT', ['10.0.0.9']),
  );
  expect(hosts.map(({ host, nodes }) => [host, nodes.map((node) => node.host)])).toEqual([
    ['a.example.com', ['2001:db8::1', 'lb.example.net']],
    ['b.example.com', ['10.0.0.1']],
    ['c.d.example.com', []],
  ]);
});

test('a name that leads to another one has the nodes of that, where it is announced as well', () => {
  const hosts = hostsOf(
    ingressRoute({ match: 'Host(`a.example.com`) || Host(`b.example.com`) || Host(`c.example.com`)' }),
    endpoint('a.example.com', 'CNAME', ['edge.example.com']),
    endpoint('edge.example.com', 'A', ['10.0.0.1', '10.0.0.2']),
    endpoint('b.example.com', 'CNAME', ['c.example.com']),
    endpoint('c.example.com', 'CNAME', ['b.example.com']),
  );
  expect(hosts.map(({ host, nodes }) => [host, nodes.map((node) => node.host)])).toEqual([
    ['a.example.com', ['10.0.0.1', '10.0.0.2']],
    ['b.example.com', ['c.example.com']],
    ['c.example.com', ['b.example.com']],
  ]);
});

test('VERIFY-10 a route that passes TLS on is left out, and named', () => {
  const { declaration, notes } = readManifests([
    placed(ingressRoute({ match: 'HostSNI(`x.example.com`)', kind: 'IngressRouteTCP', tls: { passthrough: true } })),
  ]);
  expect(declaration.hosts).toEqual([]);
  expect(notes).toEqual([expect.objectContaining({ code: 'VERIFY-10', value: 'x.example.com' })]);
});

const node = (host: string) => ({ host });
const host = (name: string, ...nodes: readonly string[]) => ({ host: name, nodes: nodes.map(node), isHttp: true });

test('several declarations: each host once, with the nodes of all', () => {
  const { hosts, nodes } = together([
    { hosts: [host('a.example.com', '10.0.0.1')], nodes: [node('10.0.0.9')] },
    {
      hosts: [{ ...host('a.example.com', '10.0.0.1', '10.0.0.2'), secret: { namespace: 'x', name: 'y' } }],
      nodes: [node('10.0.0.9')],
    },
  ]);
  expect(hosts).toEqual([{ ...host('a.example.com', '10.0.0.1', '10.0.0.2'), secret: { namespace: 'x', name: 'y' } }]);
  expect(nodes).toEqual([node('10.0.0.9')]);
});

test('what is chosen has the nodes of the wildcard that covers it, else those of all', () => {
  const declared = { hosts: [host('*.example.com', '10.0.0.1')], nodes: [node('10.0.0.9')] };
  expect(chosen(declared, [])).toEqual(declared);
  expect(chosen(declared, ['a.example.com', 'example.net']).hosts).toEqual([
    host('a.example.com', '10.0.0.1'),
    host('example.net'),
  ]);
  expect(servedBy(declared, [node('10.0.0.3')])).toEqual({ hosts: [host('*.example.com')], nodes: [node('10.0.0.3')] });
});
