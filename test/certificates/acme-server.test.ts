import { AcmeServer } from '../../lib/certificates/acme-server';
import { CA_CERTIFICATE } from '../support/charts';

test("by default a directory is nobody's but its own, and the system's CAs verify it", () => {
  const server = AcmeServer.of('https://ca.example.com/acme/directory');
  expect(server).toEqual({ directory: 'https://ca.example.com/acme/directory', isLetsEncrypt: false });
  expect(server.findings).toEqual([]);
});

test('everything that can be said of one', () => {
  const server = AcmeServer.of('https://ca.example.com:8443/dir?a=b', { caBundle: CA_CERTIFICATE });
  expect(server).toEqual({
    directory: 'https://ca.example.com:8443/dir?a=b',
    isLetsEncrypt: false,
    caBundle: CA_CERTIFICATE,
  });
  expect(server.findings).toEqual([]);
});

test("Let's Encrypt by name", () => {
  const { LETS_ENCRYPT_STAGING: staging, LETS_ENCRYPT_PRODUCTION: production } = AcmeServer;
  expect(staging.directory).toBe('https://acme-staging-v02.api.letsencrypt.org/directory');
  expect(production.directory).toBe('https://acme-v02.api.letsencrypt.org/directory');
  expect([staging, production].map(({ isLetsEncrypt, findings }) => [isLetsEncrypt, findings])).toEqual([
    [true, []],
    [true, []],
  ]);
});

test.each([
  ['https://acme-v02.api.letsencrypt.org/directory', true],
  ['https://acme-v02.api.letsencrypt.org:443/directory', true],
  ['https://letsencrypt.org.example.com/directory', false],
  ['https://ca.example.com/.letsencrypt.org/', false],
  ['https://ca.notletsencrypt.org/', false],
])("%s: Let's Encrypt's rules hold: %p", (directory, expected) => {
  expect(AcmeServer.of(directory).isLetsEncrypt).toBe(expected);
});

test.each([
  '',
  'ca.example.com',
  'http://ca.example.com/directory',
  'https:ca.example.com',
  'https:\\\\ca.example.com',
  ' https://ca.example.com',
  'https://ca.example.com/\n',
  'https://',
  'https://bücher.example',
])('%j is no directory', (directory) => {
  expect(AcmeServer.of(directory).findings).toMatchObject([{ code: 'ISSUER-01', value: directory }]);
});

test.each([
  '',
  'a path: ca.pem',
  '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  `${CA_CERTIFICATE}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
])('%j is no bundle', (caBundle) => {
  expect(AcmeServer.of('https://ca.example.com', { caBundle }).findings).toMatchObject([{ code: 'ISSUER-02' }]);
});

test('a bundle holds as many certificates as it likes', () => {
  const caBundle = `# intermediate\n${CA_CERTIFICATE}\n# root\n${CA_CERTIFICATE}`;
  expect(AcmeServer.of('https://ca.example.com', { caBundle }).findings).toEqual([]);
});
