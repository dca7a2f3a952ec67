import { Duration, Testing } from 'cdk8s';
import { TraefikHaError } from '../../lib/model/problem';
import type { HstsProps } from '../../lib/traefik/hsts';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { edgeChart, identities, only, podOf, traefikObjects } from '../support/edge';

const attached = (...props: Parameters<typeof traefikObjects>): string[] =>
  podOf(traefikObjects(...props)).containers[0].args.filter((argument: string) =>
    argument.startsWith('--entryPoints.websecure.http.middlewares'),
  );

test('browsers are told to use HTTPS for a year, for the host itself', () => {
  const { metadata, spec } = only(traefikObjects(), 'Middleware');
  expect(metadata).toMatchObject({ name: 'traefik-hsts', namespace: 'edge' });
  expect(spec).toEqual({ headers: { stsSeconds: 31_536_000 } });
});

test('everything', () => {
  const everything: Required<HstsProps> = { maxAge: Duration.days(400), includeSubdomains: true, preload: true };
  expect(only(traefikObjects({ hsts: everything }), 'Middleware').spec).toEqual({
    headers: { stsSeconds: 34_560_000, stsIncludeSubdomains: true, stsPreload: true },
  });
});

test('every HTTPS route gets it, by the name that the version gives to middlewares', () => {
  const option = '--entryPoints.websecure.http.middlewares';
  expect(attached()).toEqual([`${option}=edge_traefik-hsts@kubernetescrd`]);
  expect(attached({ version: '3.7.11' })).toEqual([`${option}=edge_traefik-hsts@kubernetescrd`]);
  expect(attached({ version: '3.7.10' })).toEqual([`${option}=edge-traefik-hsts@kubernetescrd`]);
  expect(attached({ name: 'front' })).toEqual([`${option}=edge_front-hsts@kubernetescrd`]);
});

test('without it there is neither middleware nor reference', () => {
  expect(attached({ hsts: false })).toEqual([]);
  expect(identities(traefikObjects({ hsts: false })).filter((each) => each.startsWith('Middleware'))).toEqual([]);
});

describe('what cannot be is refused', () => {
  const refused = (hsts: HstsProps, code: string, value: string, message: string, fix: string) => {
    const chart = edgeChart();
    new TraefikHA(chart, 'traefik', { hsts });
    expect(() => Testing.synth(chart)).toThrow(new TraefikHaError([{ code, at: 'edge/traefik', value, message, fix }]));
  };

  test.each<[HstsProps, string]>([
    [{ preload: true }, 'maxAge 31536000 s, includeSubdomains false'],
    [
      { preload: true, includeSubdomains: true, maxAge: Duration.days(364) },
      'maxAge 31449600 s, includeSubdomains true',
    ],
  ])('preload that lists of browsers do not take: %#', (hsts, value) => {
    refused(
      hsts,
      'HSTS-01',
      value,
      'preload is taken only with includeSubdomains and a year or more',
      'Set both, or leave preload out',
    );
  });

  test('a time that switches it off without a word', () => {
    refused(
      { maxAge: Duration.seconds(0) },
      'HSTS-02',
      'maxAge 0 s',
      'Traefik leaves the header out for a time of zero',
      'Set hsts: false for that, or a maxAge from one second',
    );
  });
});
