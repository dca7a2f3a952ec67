import { CertificateStrategy } from '../../lib/model/strategy';

test('a certificate for each route does not repeat what a wildcard covers, unless that is said', () => {
  expect(CertificateStrategy.perRoute()).toEqual({ kind: 'per-route', besideWildcard: false });
  expect(CertificateStrategy.perRoute({ besideWildcard: true })).toEqual({ kind: 'per-route', besideWildcard: true });
});

test('one wildcard for each zone has nothing to choose', () => {
  expect(CertificateStrategy.wildcardPerZone()).toEqual({ kind: 'wildcard-per-zone' });
});
