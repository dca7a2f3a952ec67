import { ApiObject, Duration, Testing } from 'cdk8s';
import { AcmeServer } from '../../lib/certificates/acme-server';
import { CertManagerIssuer } from '../../lib/certificates/cert-manager-issuer';
import { Certificate, type CertificateProps } from '../../lib/certificates/certificate';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { TraefikHaError } from '../../lib/model/problem';
import { accepted, chartOf, theOnly, ZONE } from '../support/charts';

const issuer = CertManagerIssuer.existing('letsencrypt');

test('defaults: ECDSA, a new key at each renewal, times left to the CA and cert-manager', () => {
  const chart = chartOf();
  const certificate = new Certificate(chart, 'mail', {
    secretName: 'mail-tls',
    dnsNames: ['mail.example.com'],
    issuer,
  });
  expect(accepted(chart)).toEqual([
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: {
        name: 'mail',
        namespace: 'shop',
        labels: {
          'app.kubernetes.io/name': 'traefik-ha',
          'app.kubernetes.io/instance': 'mail',
          'app.kubernetes.io/component': 'certificate',
          'app.kubernetes.io/managed-by': 'traefik-ha',
        },
      },
      spec: {
        secretName: 'mail-tls',
        dnsNames: ['mail.example.com'],
        issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'letsencrypt' },
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        revisionHistoryLimit: 1,
      },
    },
  ]);
  expect(certificate).toMatchObject({ name: 'mail', secretName: 'mail-tls', dnsNames: ['mail.example.com'] });
});

test('everything', () => {
  const chart = chartOf();
  const props: Required<CertificateProps> = {
    secretName: 'mail.example.com-tls',
    dnsNames: ['mail.example.com'],
    issuer: CertManagerIssuer.existing('own', { namespace: 'shop' }),
    duration: Duration.hours(24),
    renewBeforePercentage: 40,
    besideWildcard: true,
    name: 'post',
  };
  new Certificate(chart, 'mail', props);
  const { metadata, spec } = theOnly('Certificate', chart);
  expect(metadata.name).toBe('post');
  expect(spec).toMatchObject({
    secretName: 'mail.example.com-tls',
    dnsNames: ['mail.example.com'],
    issuerRef: { kind: 'Issuer', name: 'own' },
    duration: '86400s',
    renewBeforePercentage: 40,
  });
});

test('default child', () => {
  const certificate = new Certificate(chartOf(), 'mail', { secretName: 'a', dnsNames: ['a.example.com'], issuer });
  expect(ApiObject.of(certificate).kind).toBe('Certificate');
});

test('names are canonical, sorted and each there once; what is read is a copy', () => {
  const chart = chartOf();
  const dnsNames = ['b.example.com', 'Bücher.example.', 'A.example.com', 'a.example.com.'];
  const certificate = new Certificate(chart, 'mail', { secretName: 'mail-tls', dnsNames, issuer });
  certificate.dnsNames.push('c.example.com');
  expect(theOnly('Certificate', chart).spec.dnsNames).toEqual([
    'a.example.com',
    'b.example.com',
    'xn--bcher-kva.example',
  ]);
});

test('a duration may end within a second', () => {
  const chart = chartOf();
  const duration = Duration.millis(3_600_500);
  new Certificate(chart, 'mail', { secretName: 'mail-tls', dnsNames: ['a.example.com'], issuer, duration });
  expect(theOnly('Certificate', chart).spec.duration).toBe('3600.5s');
});

test('everything that is wrong with a certificate is said in one error', () => {
  const chart = chartOf();
  const letsEncrypt = new CertManagerIssuer(chart, 'letsencrypt', {
    server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
    solvers: [AcmeSolver.http01({ zones: [ZONE] })],
    profile: 'tlsserver',
  });
  new Certificate(chart, 'names', {
    secretName: 'Names',
    dnsNames: ['localhost', 'a.*.example.com', '*.example.com', 'example.org', 'co.uk'],
    issuer: letsEncrypt,
    duration: Duration.days(30),
  });
  const dnsNames = Array.from({ length: 26 }, (_, index) => `h${index}.mail.example.com`);
  new Certificate(chart, 'many', { secretName: 'many', dnsNames, issuer: letsEncrypt, renewBeforePercentage: 100 });
  const elsewhere = CertManagerIssuer.existing('Own', { namespace: 'blog' });
  new Certificate(chart, 'none', {
    secretName: 'none',
    dnsNames: [],
    issuer: elsewhere,
    duration: Duration.minutes(59),
  });
  const [at, many, none] = ['shop/names', 'shop/many', 'shop/none'] as [string, string, string];
  const fqdn = 'Use letters, digits and hyphens in two or more labels of up to 63 characters, such as shop.example.com';
  const unsolved = {
    code: 'CERT-06',
    at,
    message: 'no solver of ClusterIssuer letsencrypt answers for the name, so its order would stay pending',
    fix: 'Add its zone to a solver of the issuer, or a solver without zones',
  };
  const suffix = {
    code: 'HOST-03',
    at,
    message: 'a public suffix, which no public CA certifies',
    fix: 'Use a name below a domain that you registered',
  };
  const object = 'is not a name that an object in Kubernetes can have';
  const names = 'Use lower-case letters, digits, hyphens and dots';
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'HOST-02',
        at,
        value: 'a.*.example.com',
        message: 'a wildcard is one whole label, the first one',
        fix: 'Write *.example.com, or list the names',
      },
      { code: 'HOST-01', at, value: 'localhost', message: 'not a fully qualified host name', fix: fqdn },
      {
        code: 'CERT-02',
        at,
        value: '*.example.com',
        message: 'a wildcard is certified by DNS-01 only, and the issuer has only HTTP-01 for it',
        fix: 'Give ClusterIssuer letsencrypt a DNS-01 solver for the zone',
      },
      { ...suffix, value: 'co.uk' },
      { ...unsolved, value: 'example.org' },
      {
        code: 'CERT-05',
        at,
        value: '30 days',
        message: "Let's Encrypt decides how long a certificate lives and refuses an order that asks",
        fix: 'Leave duration out; for shorter ones give the issuer a profile',
      },
      { code: 'NAME-04', at, value: 'Names', message: `secretName ${object}`, fix: names },
      {
        code: 'CERT-01',
        at: many,
        value: '26 names',
        message: "Let's Encrypt puts at most 25 names into a certificate of profile tlsserver",
        fix: 'Split the route, or use CertificateStrategy.wildcardPerZone()',
      },
      {
        code: 'CERT-07',
        at: many,
        value: '100',
        message: 'renewBeforePercentage is a whole number from 1 to 99',
        fix: 'Leave it out for a third of the lifetime',
      },
      {
        code: 'CERT-08',
        at: none,
        value: 'Issuer blog/Own',
        message: 'an Issuer serves its own namespace only, and the certificate is wanted in shop',
        fix: 'Use a ClusterIssuer, or declare an Issuer in that namespace',
      },
      {
        code: 'CERT-07',
        at: none,
        value: '59 minutes',
        message: 'a certificate lives for one hour at least',
        fix: 'Write Duration.hours(1) or more',
      },
      {
        code: 'CERT-09',
        at: none,
        value: '',
        message: 'a certificate for no name',
        fix: 'Give at least one of dnsNames',
      },
      { code: 'NAME-04', at: none, value: 'Own', message: `issuer ${object}`, fix: names },
    ]),
  );
});

test.each([0, 0.5, 100, Number.NaN])('%p percent is no time to renew', (renewBeforePercentage) => {
  const chart = chartOf();
  const props = { secretName: 'mail-tls', dnsNames: ['a.example.com'], issuer };
  new Certificate(chart, 'mail', { ...props, renewBeforePercentage });
  expect(() => Testing.synth(chart)).toThrow(/^CERT-07 [^\n]*$/);
});

test.each([
  ['classic', 100],
  ['tlsserver', 25],
  ['shortlived', 25],
])("Let's Encrypt's profile %s takes %i names", (profile, most) => {
  const chart = chartOf();
  const known = CertManagerIssuer.existing('letsencrypt', { letsEncrypt: true, profile });
  const dnsNames = Array.from({ length: most }, (_, index) => `h${index}.example.com`);
  new Certificate(chart, 'mail', { secretName: 'mail-tls', dnsNames, issuer: known });
  expect(theOnly('Certificate', chart).spec.dnsNames).toHaveLength(most);
});

test('certificates of an app are held against one another, with or without routes', () => {
  const chart = chartOf();
  const issuer = CertManagerIssuer.existing('letsencrypt');
  new Certificate(chart, 'one', { secretName: 'tls', dnsNames: ['a.example.com'], issuer });
  new Certificate(chart, 'two', { secretName: 'tls', dnsNames: ['a.example.com', 'b.example.com'], issuer });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'CERT-11',
        at: 'shop/two',
        value: 'shop/tls',
        message: 'Certificate shop/one writes the Secret as well, and each would undo the other',
        fix: 'Give one of them another secretName',
      },
      {
        code: 'CERT-03',
        at: 'shop/two',
        value: 'a.example.com',
        message: 'Certificate shop/one covers the name already, and either would be served',
        fix: "Have one certificate serve both: routes of one namespace with secretName 'tls', or the wildcard of the zone",
      },
    ]),
  );
});
