import fc from 'fast-check';
import { type Issuer, type SolverScope, solverFor, zonesOf } from '../../lib/model/issuer';
import { HostedZone } from '../../lib/model/zone';

const issuerWith = (...solvers: SolverScope[]): Issuer => ({
  kind: 'ClusterIssuer',
  name: 'letsencrypt',
  letsEncrypt: true,
  solvers,
});
const com = HostedZone.of('example.com');
const dev = HostedZone.of('dev.example.com');
const net = HostedZone.of('example.net');

const anyHttp: SolverScope = { challenge: 'http01' };
const anyDns: SolverScope = { challenge: 'dns01' };
const comAndNet: SolverScope = { challenge: 'dns01', zones: [com, net] };
const devHttp: SolverScope = { challenge: 'http01', zones: [dev] };

test('the solver with the longest zone answers, else the one without zones, whatever the order', () => {
  const solvers = [anyHttp, comAndNet, devHttp];
  fc.assert(
    fc.property(fc.shuffledSubarray(solvers, { minLength: solvers.length }), (shuffled) => {
      const issuer = issuerWith(...shuffled);
      expect(solverFor('a.example.com', issuer)).toBe(comAndNet);
      expect(solverFor('example.net', issuer)).toBe(comAndNet);
      expect(solverFor('a.dev.example.com', issuer)).toBe(devHttp);
      expect(solverFor('example.org', issuer)).toBe(anyHttp);
    }),
  );
});

test('of two that fit alike the first answers', () => {
  expect(solverFor('a.example.com', issuerWith(anyHttp, anyDns))).toBe(anyHttp);
  expect(solverFor('a.example.com', issuerWith(anyDns, anyHttp))).toBe(anyDns);
});

test('a wildcard passes by HTTP-01 while any DNS-01 solver fits, for the CA offers nothing else', () => {
  expect(solverFor('*.dev.example.com', issuerWith(anyHttp, devHttp, comAndNet))).toBe(comAndNet);
  expect(solverFor('*.dev.example.com', issuerWith(anyHttp, devHttp, anyDns))).toBe(anyDns);
  expect(solverFor('*.dev.example.com', issuerWith(anyHttp, devHttp))).toBe(devHttp);
});

test('no solver answers outside its zones', () => {
  expect(solverFor('a.example.org', issuerWith(comAndNet, devHttp))).toBeUndefined();
  expect(solverFor('a.example.com', issuerWith())).toBeUndefined();
});

test('the zones of an issuer are those of all its solvers, and unknown where one has no limit', () => {
  expect(zonesOf(issuerWith(comAndNet, devHttp))).toEqual([com, net, dev]);
  expect(zonesOf(issuerWith(comAndNet, anyHttp))).toEqual([]);
  expect(zonesOf(issuerWith())).toEqual([]);
});
