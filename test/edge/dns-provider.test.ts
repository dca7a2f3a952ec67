import { ExternalDns } from '../../lib/dns/external-dns';
import { DnsProvider } from '../../lib/edge/dns-provider';
import { chartOf, theOnly, ZONE } from '../support/charts';

const argumentsWith = (provider: DnsProvider) => {
  const chart = chartOf('edge');
  new ExternalDns(chart, 'dns', { ownerId: 'prod-1', zones: [ZONE], provider });
  return theOnly('Deployment', chart).spec.template.spec.containers[0].args;
};

test('Route 53, without a word', () => {
  expect(argumentsWith(DnsProvider.route53())).toEqual(expect.arrayContaining(['--provider=aws']));
});

test('a DNS server that takes updates', () => {
  const tsig = { keyName: 'edge', secret: { secretName: 'tsig', key: 'secret' } };
  expect(argumentsWith(DnsProvider.rfc2136({ host: '192.0.2.53', tsig }))).toEqual(
    expect.arrayContaining(['--provider=rfc2136', '--rfc2136-host=192.0.2.53']),
  );
});
