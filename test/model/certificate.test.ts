import { type CertificateRequest, certificateFindings, overlapProblems } from '../../lib/model/certificate';
import type { Issuer, SolverScope } from '../../lib/model/issuer';
import { HostedZone } from '../../lib/model/zone';

const dns01: SolverScope = { challenge: 'dns01' };
const letsEncrypt: Issuer = { kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: true, solvers: [dns01] };
const privateCa: Issuer = { ...letsEncrypt, name: 'private', letsEncrypt: false };

const request = (dnsNames: string[], others: Partial<CertificateRequest> = {}): CertificateRequest => ({
  namespace: 'shop',
  name: 'web-tls',
  secretName: 'web-tls',
  issuer: letsEncrypt,
  dnsNames,
  ...others,
});
const names = (count: number) => Array.from({ length: count }, (_, index) => `h${index}.example.com`);
const codes = (...args: Parameters<typeof request>) => certificateFindings(request(...args)).map(({ code }) => code);

test.each([
  [undefined, 100, 'classic'],
  ['classic', 100, 'classic'],
  ['tlsserver', 25, 'tlsserver'],
  ['shortlived', 25, 'shortlived'],
  ['one-of-tomorrow', 100, 'one-of-tomorrow'],
])("Let's Encrypt with profile %s puts at most %d names into a certificate", (profile, most, shown) => {
  const issuer = { ...letsEncrypt, profile };
  expect(certificateFindings(request(names(most), { issuer }))).toEqual([]);
  expect(certificateFindings(request(names(most + 1), { issuer }))).toEqual([
    {
      code: 'CERT-01',
      value: `${most + 1} names`,
      message: `Let's Encrypt puts at most ${most} names into a certificate of profile ${shown}`,
      fix: 'Split the route, or use CertificateStrategy.wildcardPerZone()',
    },
  ]);
});

test("the rules of Let's Encrypt are not those of other CAs", () => {
  expect(certificateFindings(request([...names(101), 'co.uk'], { issuer: privateCa }))).toEqual([]);
});

test('a wildcard is not certified by HTTP-01', () => {
  const issuer: Issuer = { ...letsEncrypt, solvers: [{ challenge: 'http01' }] };
  expect(certificateFindings(request(['*.example.com', 'example.com'], { issuer }))).toEqual([
    {
      code: 'CERT-02',
      value: '*.example.com',
      message: 'a wildcard is certified by DNS-01 only, and the issuer has only HTTP-01 for it',
      fix: 'Give ClusterIssuer letsencrypt a DNS-01 solver for the zone',
    },
  ]);
  expect(codes(['*.example.com'], { issuer: { ...issuer, solvers: [{ challenge: 'http01' }, dns01] } })).toEqual([]);
});

test('a name that no solver answers for is refused, unless the solvers are not known', () => {
  const solvers: SolverScope[] = [{ challenge: 'dns01', zones: [HostedZone.of('example.com')] }];
  const issuer: Issuer = { ...letsEncrypt, solvers };
  expect(certificateFindings(request(['a.example.com', 'a.example.net'], { issuer }))).toEqual([
    {
      code: 'CERT-06',
      value: 'a.example.net',
      message: 'no solver of ClusterIssuer letsencrypt answers for the name, so its order would stay pending',
      fix: 'Add its zone to a solver of the issuer, or a solver without zones',
    },
  ]);
  expect(codes(['a.example.net', '*.example.net'], { issuer: { ...issuer, solvers: [] } })).toEqual([]);
});

test('an Issuer serves its own namespace only', () => {
  const issuer: Issuer = { ...letsEncrypt, kind: 'Issuer', namespace: 'edge' };
  expect(certificateFindings(request(['a.example.com'], { issuer }))).toEqual([
    {
      code: 'CERT-08',
      value: 'Issuer edge/letsencrypt',
      message: 'an Issuer serves its own namespace only, and the certificate is wanted in shop',
      fix: 'Use a ClusterIssuer, or declare an Issuer in that namespace',
    },
  ]);
  expect(codes(['a.example.com'], { issuer, namespace: 'edge' })).toEqual([]);
});

test.each(['co.uk', '*.co.uk', '*.com'])('no public CA certifies %s', (host) => {
  expect(certificateFindings(request([host, 'example.co.uk', '*.example.co.uk']))).toEqual([
    {
      code: 'HOST-03',
      value: host,
      message: 'a public suffix, which no public CA certifies',
      fix: 'Use a name below a domain that you registered',
    },
  ]);
});

test('everything that is wrong with a certificate is said', () => {
  const issuer: Issuer = {
    ...letsEncrypt,
    kind: 'Issuer',
    namespace: 'edge',
    profile: 'shortlived',
    solvers: [{ challenge: 'http01', zones: [HostedZone.of('example.com')] }],
  };
  expect(codes([...names(23), '*.example.com', 'a.example.net', 'co.uk'], { issuer }).sort()).toEqual([
    'CERT-01',
    'CERT-02',
    'CERT-06',
    'CERT-08',
    'HOST-03',
  ]);
});

const placed = (asked: CertificateRequest) => ({ request: asked, at: `app/${asked.namespace}/${asked.name}` });
const overlaps = (...requests: CertificateRequest[]) => overlapProblems(requests.map(placed));

test('one name in two certificates is refused at the second', () => {
  const first = request(['a.example.com', 'b.example.com']);
  const second = request(['b.example.com', 'c.example.com'], { name: 'api-tls', secretName: 'api-tls' });
  expect(overlaps(first, second)).toEqual([
    {
      code: 'CERT-03',
      at: 'app/shop/api-tls',
      value: 'b.example.com',
      message: 'Certificate shop/web-tls covers the name already, and either would be served',
      fix: "Have one certificate serve both: routes of one namespace with secretName 'web-tls', or the wildcard of the zone",
    },
  ]);
});

test('all names that two certificates cover are said at once, over namespaces as well', () => {
  const names = ['a.example.com', 'b.example.com'];
  expect(overlaps(request(names), request(names, { namespace: 'api' }))).toMatchObject([
    { code: 'CERT-03', at: 'app/api/web-tls', value: 'a.example.com, b.example.com' },
  ]);
});

test('a name beside the wildcard of another certificate is refused, in either order, unless that was said', () => {
  const wildcard = request(['*.example.com', 'example.com'], { namespace: 'edge', name: 'wildcard-example-com' });
  const exact = request(['a.example.com']);
  const refused = {
    code: 'CERT-03',
    at: 'app/shop/web-tls',
    value: 'a.example.com',
    message: 'Certificate edge/wildcard-example-com covers the name already, and either would be served',
    fix: 'Have the wildcard serve the route too, with CertificateStrategy.wildcardPerZone(), or say besideWildcard: true',
  };
  expect(overlaps(wildcard, exact)).toEqual([refused]);
  expect(overlaps(exact, wildcard)).toEqual([refused]);
  expect(overlaps({ ...exact, besideWildcard: true }, wildcard)).toEqual([]);
});

test('besideWildcard does not excuse the very same name', () => {
  const excused = request(['a.example.com'], { name: 'api-tls', secretName: 'api-tls', besideWildcard: true });
  expect(overlaps(request(['a.example.com']), excused)).toMatchObject([{ code: 'CERT-03', at: 'app/shop/api-tls' }]);
});

test('a wildcard reaches neither the apex nor two labels down, and may stand beside its own names', () => {
  const other = { name: 'api-tls', secretName: 'api-tls' };
  expect(
    overlaps(
      request(['*.example.com', 'a.example.com']),
      request(['example.com', 'b.a.example.com', '*.a.example.com'], other),
    ),
  ).toEqual([]);
});

test('one Secret has one writer in a namespace', () => {
  const second = request(['b.example.com'], { name: 'api-tls' });
  expect(overlaps(request(['a.example.com']), second)).toEqual([
    {
      code: 'CERT-11',
      at: 'app/shop/api-tls',
      value: 'shop/web-tls',
      message: 'Certificate shop/web-tls writes the Secret as well, and each would undo the other',
      fix: 'Give one of them another secretName',
    },
  ]);
  expect(overlaps(request(['a.example.com']), { ...second, namespace: 'api' })).toEqual([]);
});
