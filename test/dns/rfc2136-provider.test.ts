import { Testing } from 'cdk8s';
import { ExternalDns } from '../../lib/dns/external-dns';
import { type Rfc2136ProviderProps, rfc2136Provider } from '../../lib/dns/rfc2136-provider';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { edgeChart, objectsIn, podOf } from '../support/edge';

const TSIG = { keyName: 'edge-key', secret: { secretName: 'tsig', key: 'secret' } };

const chartWith = (props: Partial<Rfc2136ProviderProps>, zones = [HostedZone.of('example.com')]) => {
  const chart = edgeChart();
  const provider = rfc2136Provider({ host: 'ns1.example.com', tsig: TSIG, ...props });
  new ExternalDns(chart, 'external-dns', { ownerId: 'prod-1', zones, provider });
  return chart;
};
const containerOf = (...context: Parameters<typeof chartWith>) => podOf(objectsIn(chartWith(...context))).containers[0];
const serverArguments = (args: string[]) => args.filter((argument) => /rfc2136/.test(argument));

test('defaults', () => {
  expect(serverArguments(containerOf({}).args)).toEqual([
    '--provider=rfc2136',
    '--rfc2136-host=ns1.example.com',
    '--rfc2136-port=53',
    '--rfc2136-zone=example.com',
    '--rfc2136-tsig-keyname=edge-key',
    '--rfc2136-tsig-secret-alg=hmac-sha512',
    '--rfc2136-axfr',
  ]);
});

test('everything', () => {
  const everything: Required<Rfc2136ProviderProps> = {
    host: '2001:db8::53',
    port: 5353,
    tsig: { keyName: 'other.key.', algorithm: 'hmac-sha256', secret: { secretName: 'key-of-dns', key: 'value' } },
  };
  const zones = [HostedZone.of('example.org'), HostedZone.of('example.com')];
  const { args, env } = containerOf(everything, zones);
  expect(serverArguments(args)).toEqual([
    '--provider=rfc2136',
    '--rfc2136-host=2001:db8::53',
    '--rfc2136-port=5353',
    '--rfc2136-zone=example.com',
    '--rfc2136-zone=example.org',
    '--rfc2136-tsig-keyname=other.key.',
    '--rfc2136-tsig-secret-alg=hmac-sha256',
    '--rfc2136-axfr',
  ]);
  expect(env).toEqual([
    { name: 'EXTERNAL_DNS_RFC2136_TSIG_SECRET', valueFrom: { secretKeyRef: { name: 'key-of-dns', key: 'value' } } },
  ]);
});

test('the key comes from its Secret, and stands in no argument', () => {
  const { args, env } = containerOf({});
  expect(args.join(' ')).not.toMatch(/tsig-secret[= ]/);
  expect(env).toEqual([
    { name: 'EXTERNAL_DNS_RFC2136_TSIG_SECRET', valueFrom: { secretKeyRef: { name: 'tsig', key: 'secret' } } },
  ]);
});

test.each([
  [{ host: 'ns1' }, 'ns1:53'],
  [{ host: '203.0.113.300' }, '203.0.113.300:53'],
  [{ port: 0 }, 'ns1.example.com:0'],
  [{ port: 65536 }, 'ns1.example.com:65536'],
  [{ port: 53.5 }, 'ns1.example.com:53.5'],
])('%j is no server that updates can be sent to', (props, value) => {
  expect(() => Testing.synth(chartWith(props))).toThrow(
    new TraefikHaError([
      {
        code: 'DNS-11',
        at: 'edge/external-dns',
        value,
        message: 'not a server and a port that updates can be sent to',
        fix: "Write host: 'ns1.example.com' or an address, and a port from 1 to 65535",
      },
    ]),
  );
});

test('a key and a Secret that can have no such names', () => {
  const tsig = { keyName: 'edge key', secret: { secretName: 'TSIG', key: 'a/b' } };
  expect(() => Testing.synth(chartWith({ tsig }))).toThrow(
    new TraefikHaError([
      {
        code: 'DNS-13',
        at: 'edge/external-dns',
        value: 'edge key',
        message: 'a TSIG key is named like a host (RFC 8945, 4.2)',
        fix: "Write the name from the server's configuration, such as edge-key",
      },
      {
        code: 'NAME-04',
        at: 'edge/external-dns',
        value: 'TSIG',
        message: 'tsig.secret.secretName is not a name that an object in Kubernetes can have',
        fix: 'Use lower-case letters, digits, hyphens and dots',
      },
      {
        code: 'NAME-05',
        at: 'edge/external-dns',
        value: 'a/b',
        message: 'tsig.secret.key is not a key that a Secret can have',
        fix: 'Use letters, digits, hyphens, underscores and dots',
      },
    ]),
  );
});
