import { ApiObject, Testing } from 'cdk8s';
import { AwsIdentity } from '../../lib/aws/identity';
import { Route53DnsChallengeIam } from '../../lib/aws/route53-dns-challenge-iam';
import { AcmeServer } from '../../lib/certificates/acme-server';
import { CertManagerIssuer, type CertManagerIssuerProps } from '../../lib/certificates/cert-manager-issuer';
import { AcmeSolver } from '../../lib/certificates/solvers';
import { TraefikHaError } from '../../lib/model/problem';
import { HostedZone } from '../../lib/model/zone';
import { accepted, CA_CERTIFICATE, chartOf, theOnly, ZONE } from '../support/charts';

const solvers = [AcmeSolver.http01()];

test('defaults: a ClusterIssuer on staging, with an account of its own', () => {
  const chart = chartOf('edge');
  const issuer = new CertManagerIssuer(chart, 'letsencrypt', { solvers });
  expect(accepted(chart).filter(({ kind }) => !kind.startsWith('ValidatingAdmission'))).toEqual([
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'ClusterIssuer',
      metadata: {
        name: 'letsencrypt',
        labels: {
          'app.kubernetes.io/name': 'traefik-ha',
          'app.kubernetes.io/instance': 'letsencrypt',
          'app.kubernetes.io/component': 'issuer',
          'app.kubernetes.io/managed-by': 'traefik-ha',
        },
      },
      spec: {
        acme: {
          server: 'https://acme-staging-v02.api.letsencrypt.org/directory',
          privateKeySecretRef: { name: 'letsencrypt-account' },
          solvers: [{ http01: { ingress: { ingressClassName: 'traefik', serviceType: 'ClusterIP' } } }],
        },
      },
    },
  ]);
  expect(issuer).toMatchObject({ kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: true });
  expect([issuer.namespace, issuer.profile, issuer.resourceNamespace]).toEqual([undefined, undefined, 'cert-manager']);
});

test('everything', () => {
  const chart = chartOf('edge');
  const props: Required<CertManagerIssuerProps> = {
    server: AcmeServer.of('https://ca.example.com/directory', { caBundle: CA_CERTIFICATE }),
    email: 'ops+edge@example.com',
    scope: 'namespace',
    profile: 'weekly',
    preferredChain: 'Example Root X1',
    externalAccountBinding: { keyId: 'account 1', key: { secretName: 'eab', key: 'hmac' } },
    certManager: { namespace: 'security', serviceAccount: 'cm', clusterResourceNamespace: 'secrets' },
    guardSecrets: false,
    name: 'private-ca',
    solvers: [AcmeSolver.cloudflare({ zones: [ZONE], apiToken: { secretName: 'cloudflare', key: 'token' } })],
  };
  const issuer = new CertManagerIssuer(chart, 'issuer', props);
  expect(accepted(chart)).toHaveLength(1);
  const { kind, metadata, spec } = theOnly('Issuer', chart);
  expect({ kind, name: metadata.name, namespace: metadata.namespace }).toEqual({
    kind: 'Issuer',
    name: 'private-ca',
    namespace: 'edge',
  });
  expect(spec).toEqual({
    acme: {
      server: 'https://ca.example.com/directory',
      email: 'ops+edge@example.com',
      profile: 'weekly',
      preferredChain: 'Example Root X1',
      caBundle: Buffer.from(CA_CERTIFICATE).toString('base64'),
      externalAccountBinding: { keyID: 'account 1', keySecretRef: { name: 'eab', key: 'hmac' } },
      privateKeySecretRef: { name: 'private-ca-account' },
      solvers: [
        {
          selector: { dnsZones: ['example.com'] },
          dns01: { cloudflare: { apiTokenSecretRef: { name: 'cloudflare', key: 'token' } } },
        },
      ],
    },
  });
  expect(issuer).toMatchObject({
    kind: 'Issuer',
    name: 'private-ca',
    namespace: 'edge',
    letsEncrypt: false,
    profile: 'weekly',
    resourceNamespace: 'edge',
    solvers: props.solvers.flatMap(({ entries }) => entries),
  });
});

test('default child', () => {
  const issuer = new CertManagerIssuer(chartOf(), 'letsencrypt', { solvers });
  expect(ApiObject.of(issuer).kind).toBe('ClusterIssuer');
});

test('a ClusterIssuer has no namespace, an Issuer has', () => {
  const chart = chartOf('edge');
  new CertManagerIssuer(chart, 'wide', { solvers, scope: 'cluster' });
  new CertManagerIssuer(chart, 'narrow', { solvers, scope: 'namespace' });
  expect(accepted(chart).map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
    ['ValidatingAdmissionPolicy', undefined],
    ['ValidatingAdmissionPolicyBinding', undefined],
    ['ClusterIssuer', undefined],
    ['ValidatingAdmissionPolicy', undefined],
    ['ValidatingAdmissionPolicyBinding', undefined],
    ['Issuer', 'edge'],
  ]);
});

test('production is said', () => {
  const chart = chartOf();
  new CertManagerIssuer(chart, 'letsencrypt', { solvers, server: AcmeServer.LETS_ENCRYPT_PRODUCTION });
  expect(theOnly('ClusterIssuer', chart).spec.acme.server).toBe('https://acme-v02.api.letsencrypt.org/directory');
});

test('several solvers stand in the order given, each with its zones sorted', () => {
  const chart = chartOf();
  const zones = [HostedZone.of('example.org'), HostedZone.of('Example.COM.')];
  const nsupdate = { nameserver: '192.0.2.53', tsig: { keyName: 'k', secret: { secretName: 'tsig', key: 'k' } } };
  const issuer = new CertManagerIssuer(chart, 'letsencrypt', {
    solvers: [AcmeSolver.http01(), AcmeSolver.rfc2136({ ...nsupdate, zones })],
  });
  expect(theOnly('ClusterIssuer', chart).spec.acme.solvers).toEqual([
    { http01: expect.anything() },
    { selector: { dnsZones: ['example.com', 'example.org'] }, dns01: { rfc2136: expect.anything() } },
  ]);
  expect(issuer.solvers.map(({ challenge }) => challenge)).toEqual(['http01', 'dns01']);
});

test('an issuer that exists is known as far as it is said', () => {
  expect(CertManagerIssuer.existing('letsencrypt')).toEqual({
    kind: 'ClusterIssuer',
    name: 'letsencrypt',
    letsEncrypt: false,
    solvers: [],
  });
  const facts = {
    namespace: 'shop',
    letsEncrypt: true,
    profile: 'shortlived',
    solvers: [{ challenge: 'http01' }],
  } as const;
  expect(CertManagerIssuer.existing('own', facts)).toEqual({ kind: 'Issuer', name: 'own', ...facts });
});

test('everything that is wrong with an issuer is said in one error', () => {
  const chart = chartOf('edge');
  const bad = { secretName: 'Tsig', key: '..' };
  new CertManagerIssuer(chart, 'empty', { solvers: [], server: AcmeServer.of('http://ca', { caBundle: 'ca.pem' }) });
  new CertManagerIssuer(chart, 'texts', {
    solvers: [
      AcmeSolver.rfc2136({ nameserver: 'ns1.example.com', tsig: { keyName: 'a key', secret: bad } }),
      AcmeSolver.http01({ ingressClass: 'Traefik' }),
    ],
    email: 'a@example.com,b@example.com',
    profile: 'tlsclient',
    preferredChain: 'x'.repeat(65),
    externalAccountBinding: { keyId: '', key: { secretName: 'eab', key: '' } },
    certManager: { namespace: 'a.b', serviceAccount: 'cert manager', clusterResourceNamespace: '-' },
    name: 'Texts',
  });
  const at = 'edge/texts';
  const names = 'Use lower-case letters, digits, hyphens and dots';
  const namespaces = 'Use lower-case letters, digits and hyphens, 63 characters at most';
  const keys = 'Use letters, digits, hyphens, underscores and dots';
  const texts = "Write it as the CA's documentation says, or leave it out";
  const object = 'is not a name that an object in Kubernetes can have';
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ISSUER-01',
        at: 'edge/empty',
        value: 'http://ca',
        message: 'an ACME directory is an https address (RFC 8555, 6.1)',
        fix: 'Use AcmeServer.LETS_ENCRYPT_STAGING, or https://ca.example.com/acme/directory',
      },
      {
        code: 'ISSUER-02',
        at: 'edge/empty',
        value: 'ca.pem',
        message: 'caBundle holds no PEM certificates',
        fix: 'Give the text of the file, from -----BEGIN CERTIFICATE----- on',
      },
      {
        code: 'ISSUER-03',
        at: 'edge/empty',
        value: '',
        message: 'an ACME issuer without a solver can prove nothing',
        fix: 'Give solvers: [AcmeSolver.http01()], or the solver of a Route53DnsChallengeIam',
      },
      { code: 'NAME-02', at, value: 'Texts', message: 'not a name that Kubernetes takes', fix: namespaces },
      {
        code: 'ISSUER-06',
        at,
        value: 'ns1.example.com',
        message: 'cert-manager reaches a DNS server by IP address only',
        fix: 'Write 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53',
      },
      {
        code: 'DNS-13',
        at,
        value: 'a key',
        message: 'a TSIG key is named like a host (RFC 8945, 4.2)',
        fix: "Write the name from the server's configuration, such as edge-key",
      },
      { code: 'NAME-04', at, value: 'Tsig', message: `tsig.secret.secretName ${object}`, fix: names },
      { code: 'NAME-05', at, value: '..', message: 'tsig.secret.key is not a key that a Secret can have', fix: keys },
      { code: 'NAME-04', at, value: 'Traefik', message: `ingressClass ${object}`, fix: names },
      {
        code: 'ISSUER-08',
        at,
        value: 'a@example.com,b@example.com',
        message: 'not one e-mail address, which the CA would refuse the account for',
        fix: 'Write ops@example.com, or leave email out',
      },
      {
        code: 'NAME-04',
        at,
        value: 'a.b',
        message: 'certManager.namespace is not a name that a namespace can have',
        fix: namespaces,
      },
      { code: 'NAME-04', at, value: 'cert manager', message: `certManager.serviceAccount ${object}`, fix: names },
      {
        code: 'NAME-04',
        at,
        value: '-',
        message: 'certManager.clusterResourceNamespace is not a name that a namespace can have',
        fix: namespaces,
      },
      {
        code: 'ISSUER-10',
        at,
        value: 'x'.repeat(65),
        message: 'preferredChain is one line of 1 to 64 characters',
        fix: texts,
      },
      {
        code: 'ISSUER-10',
        at,
        value: '',
        message: 'externalAccountBinding.keyId is one line of 1 to 253 characters',
        fix: texts,
      },
      {
        code: 'NAME-05',
        at,
        value: '',
        message: 'externalAccountBinding.key.key is not a key that a Secret can have',
        fix: keys,
      },
      {
        code: 'ISSUER-09',
        at,
        value: 'tlsclient',
        message: "not a profile of Let's Encrypt",
        fix: 'Use one of classic, tlsserver, shortlived',
      },
    ]),
  );
});

test('a ServiceAccount must be where cert-manager looks for it', () => {
  const chart = chartOf('edge');
  const oidcProviderArn = 'arn:aws:iam::123456789012:oidc-provider/oidc.example.com';
  const { solver } = new Route53DnsChallengeIam(chart, 'dns01', {
    zones: [ZONE],
    identity: AwsIdentity.irsa({ oidcProviderArn }),
  });
  new CertManagerIssuer(chart, 'narrow', { solvers: [solver], scope: 'namespace' });
  new CertManagerIssuer(chart, 'moved', { solvers: [solver], certManager: { clusterResourceNamespace: 'secrets' } });
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([
      {
        code: 'ISSUER-04',
        at: 'edge/narrow',
        value: 'cert-manager/dns01',
        message: 'cert-manager looks for the ServiceAccount of this Issuer in namespace edge',
        fix: "Give the challenge serviceAccountNamespace: 'edge'",
      },
      {
        code: 'ISSUER-04',
        at: 'edge/moved',
        value: 'cert-manager/dns01',
        message: 'cert-manager looks for the ServiceAccount of this ClusterIssuer in namespace secrets',
        fix: "Give the challenge serviceAccountNamespace: 'secrets'",
      },
    ]),
  );
});

test.each([
  '',
  'ops',
  'ops@example',
  'o ps@example.com',
  'ops@example.com\n',
  'öps@example.com',
  'ops@exa\u0000mple.com',
  'ops?cc=x@example.com',
])('%j is no e-mail address', (email) => {
  const chart = chartOf();
  new CertManagerIssuer(chart, 'letsencrypt', { solvers, email });
  expect(() => Testing.synth(chart)).toThrow(/^ISSUER-08 [^\n]*$/);
});

test.each(['classic', 'tlsserver', 'shortlived'])("%s is a profile of Let's Encrypt", (profile) => {
  const chart = chartOf();
  new CertManagerIssuer(chart, 'letsencrypt', { solvers, profile });
  expect(theOnly('ClusterIssuer', chart).spec.acme.profile).toBe(profile);
});
