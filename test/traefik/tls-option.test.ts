import { Chart, Testing } from 'cdk8s';
import { Cluster } from '../../lib/cluster';
import { TraefikHaError } from '../../lib/model/problem';
import { TlsOption, type TlsOptionProps } from '../../lib/traefik/tls-option';
import { edgeChart, objectsIn, only, traefikObjects } from '../support/edge';

const optionOf = (props?: TlsOptionProps) => {
  const chart = edgeChart();
  new TlsOption(chart, 'mutual', props);
  return only(objectsIn(chart), 'TLSOption');
};

test('defaults', () => {
  const { metadata, spec } = optionOf();
  expect(metadata).toEqual({
    name: 'mutual',
    namespace: 'edge',
    labels: {
      'app.kubernetes.io/name': 'traefik-ha',
      'app.kubernetes.io/instance': 'mutual',
      'app.kubernetes.io/component': 'tls-option',
      'app.kubernetes.io/managed-by': 'traefik-ha',
    },
  });
  expect(spec).toEqual({ minVersion: 'VersionTLS12', sniStrict: true });
});

test('everything', () => {
  const everything: Required<TlsOptionProps> = {
    minVersion: '1.3',
    sniStrict: false,
    cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    clientCaSecrets: ['partners-ca', 'staff-ca'],
    name: 'partners',
  };
  const { metadata, spec } = optionOf(everything);
  expect(metadata.name).toBe('partners');
  expect(spec).toEqual({
    minVersion: 'VersionTLS13',
    sniStrict: false,
    cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    clientAuth: { secretNames: ['partners-ca', 'staff-ca'], clientAuthType: 'RequireAndVerifyClientCert' },
  });
});

test('the default child is the TLSOption', () => {
  expect(new TlsOption(edgeChart(), 'mutual').node.defaultChild).toMatchObject({ kind: 'TLSOption', name: 'mutual' });
});

test('it is a reference to itself', () => {
  expect(new TlsOption(edgeChart(), 'mutual')).toMatchObject({ name: 'mutual', namespace: 'edge' });
});

test('what holds for routes without an option of their own is strict', () => {
  const { metadata, spec } = only(traefikObjects(), 'TLSOption');
  expect(metadata).toMatchObject({ name: 'default', namespace: 'edge' });
  expect(spec).toEqual({ minVersion: 'VersionTLS12', sniStrict: true });
});

describe('what cannot be is refused', () => {
  test('two called default in a cluster', () => {
    const app = Testing.app();
    const chart = edgeChart(app);
    new TlsOption(chart, 'first', { name: 'default' });
    const shop = new Chart(app, 'shop', { namespace: 'shop' });
    new TlsOption(shop, 'second', { name: 'default' });
    new TlsOption(shop, 'third', { name: 'other' });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'TLS-02',
          at: 'shop/second',
          value: 'TLSOption default',
          message: 'a cluster has one default TLSOption, Traefik drops both of two, and edge/first declares one',
          fix: 'Give this one another name, or put it into another Cluster',
        },
      ]),
    );
  });

  test('not in two clusters', () => {
    const app = Testing.app();
    const charts = ['east', 'west'].map((name) => edgeChart(new Cluster(app, name)));
    for (const chart of charts) new TlsOption(chart, 'first', { name: 'default' });
    for (const chart of charts) expect(only(objectsIn(chart), 'TLSOption').metadata.name).toBe('default');
  });

  test('client certificates of nobody, of no Secret, and ciphers that are broken', () => {
    const chart = edgeChart();
    new TlsOption(chart, 'none', { clientCaSecrets: [] });
    new TlsOption(chart, 'odd', { clientCaSecrets: ['Partners CA'] });
    new TlsOption(chart, 'weak', { cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] });
    expect(() => Testing.synth(chart)).toThrow(
      new TraefikHaError([
        {
          code: 'TLS-05',
          at: 'edge/none',
          value: '',
          message: 'clientCaSecrets names no CA, so no client would be asked for a certificate',
          fix: 'Name the Secret of the CA, or leave clientCaSecrets out',
        },
        {
          code: 'NAME-04',
          at: 'edge/odd',
          value: 'Partners CA',
          message: 'clientCaSecrets is not a name that an object in Kubernetes can have',
          fix: 'Use lower-case letters, digits, hyphens and dots',
        },
        {
          code: 'TLS-07',
          at: 'edge/weak',
          value: 'TLS_RSA_WITH_AES_128_CBC_SHA',
          message: 'not a cipher suite that is safe and that Traefik knows',
          fix:
            'Use some of TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, ' +
            'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, ' +
            'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, ' +
            'or leave cipherSuites out',
        },
      ]),
    );
  });
});
