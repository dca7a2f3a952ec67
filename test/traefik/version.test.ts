import { Testing } from 'cdk8s';
import { TraefikHaError } from '../../lib/model/problem';
import { TraefikHA } from '../../lib/traefik/traefik-ha';
import { knows, unknownOption, versionFindings } from '../../lib/traefik/version';
import { edgeChart } from '../support/edge';

test.each([
  ['3.7.0', 'crossProviderNamespaces', false],
  ['3.7.1', 'crossProviderNamespaces', true],
  ['3.7.9', 'strictTLSOptions', false],
  ['3.7.10', 'strictTLSOptions', false],
  ['3.7.11', 'strictTLSOptions', true],
  ['3.7.100', 'aliasHeadersStrategy', true],
] as const)('that Traefik %s knows %s is %s', (version, option, expected) => {
  expect(knows(version, option)).toBe(expected);
});

test('an option is found in an argument by its whole name, in any case', () => {
  expect(unknownOption('3.7.0', '--CORE.stricttlsoptions=true')).toBe('strictTLSOptions');
  expect(unknownOption('3.7.11', '--core.strictTLSOptions=true')).toBeUndefined();
  expect(unknownOption('3.7.0', '--core.unstrictTLSOptions=true')).toBeUndefined();
  expect(unknownOption('3.7.0', '--experimental.plugins.a.moduleName=core.strictTLSOptions')).toBeUndefined();
});

test.each(['3.7.0', '3.7.13', '3.7.14'])('%s can be run', (version) => {
  expect(versionFindings(version)).toEqual([]);
});

test.each(['', 'v3.7.13', '3.7', '3.7.x', '3.7.13-rc.1', '3.70.1', '3.6.9', '4.0.0'])('%s is refused', (version) => {
  expect(versionFindings(version)).toMatchObject([{ code: 'TRAEFIK-06', value: version }]);
});

test('a version whose arguments are not known says which are', () => {
  const chart = edgeChart();
  new TraefikHA(chart, 'traefik', { version: '3.8.0' });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'TRAEFIK-06',
        at: 'edge/traefik',
        value: '3.8.0',
        message: 'arguments are known for Traefik 3.7.0 and later patches of 3.7',
        fix: 'Leave version out for 3.7.13, or name a patch of 3.7 in full',
      },
    ]),
  );
});
