import { Testing } from 'cdk8s';
import { Certificate } from '../lib/certificates/certificate';
import { ExternalDns } from '../lib/dns/external-dns';
import { TraefikHaError } from '../lib/model/problem';
import { chartOf } from './support/charts';

test('what a program without types leaves out is said with its place', () => {
  const chart = chartOf();
  const needs = (construct: string, name: string, at: string) => ({
    code: 'PROPS-01',
    at,
    value: '',
    message: `${construct} needs ${name}, and it is not given`,
    fix: 'Give it; `npx tsc --noEmit` finds such mistakes before the program runs',
  });
  expect(() => new Certificate(chart, 'mail', { secretName: 'mail-tls' } as never)).toThrow(
    new TraefikHaError([needs('Certificate', 'dnsNames', 'shop/mail'), needs('Certificate', 'issuer', 'shop/mail')]),
  );
  expect(() => new ExternalDns(chart, 'dns', { ownerId: undefined, zones: [], provider: {} } as never)).toThrow(
    new TraefikHaError([needs('ExternalDns', 'ownerId', 'shop/dns')]),
  );
  expect(() => Testing.synth(chart)).not.toThrow();
});
