import { Chart, Testing } from 'cdk8s';
import {
  Certificate,
  CertManagerIssuer,
  KvCertificatePublisher,
  type KvCertificatePublisherProps,
  KvStore,
  TraefikHaError,
} from '../../lib';
import { identities, objectsIn, podOf } from '../support/edge';

const store = KvStore.etcd({ endpoints: ['etcd:2379'] });

function published(props: Partial<KvCertificatePublisherProps> = {}) {
  const chart = new Chart(Testing.app(), 'edge', { namespace: 'edge' });
  const publisher = new KvCertificatePublisher(chart, 'publisher', {
    store,
    certificates: [{ secretName: 'shop-tls' }],
    ...props,
  });
  return { chart, publisher };
}

function problemsOf(props: Partial<KvCertificatePublisherProps>): string[] {
  try {
    Testing.synth(published(props).chart);
    return [];
  } catch (error) {
    if (!(error instanceof TraefikHaError)) throw error;
    return error.message.split('\n');
  }
}

test('defaults', () => {
  const objects = objectsIn(published().chart);
  expect(identities(objects)).toEqual(['ConfigMap publisher', 'Deployment publisher']);
  const pod = podOf(objects);
  expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
  expect(pod.volumes).toEqual([
    { name: 'script', configMap: { name: 'publisher' } },
    { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '32Mi' } },
    { name: 'certificate-0', secret: { secretName: 'shop-tls', optional: true, defaultMode: 0o440 } },
  ]);
  expect(pod.containers[0]).toMatchObject({
    command: ['sh', '/etc/traefik-ha/publisher/publish.sh'],
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
  });
  expect(pod.containers[0].volumeMounts).toContainEqual({
    name: 'certificate-0',
    mountPath: '/certificates/edge-shop-tls',
    readOnly: true,
  });
  expect(pod.containers[0].env).toEqual([
    { name: 'KV_STORE', value: 'etcd' },
    { name: 'KV_ENDPOINT', value: 'http://etcd:2379' },
    { name: 'KV_ROOT', value: 'traefik' },
    { name: 'PUBLISHER_NAME', value: 'edge/publisher' },
    { name: 'CERTIFICATES_DIR', value: '/certificates' },
  ]);
});

test('everything', () => {
  const everything: Required<KvCertificatePublisherProps> = {
    store: KvStore.consul({
      endpoint: 'consul:8501',
      token: { secretName: 'consul', key: 'acl' },
      tls: { ca: 'consul-ca' },
    }),
    certificates: [{ secretName: 'shop-tls', as: 'shop' }, { secretName: 'blog-tls' }],
    image: 'registry.example.com/tools:1',
    name: 'certificates',
  };
  const objects = objectsIn(published(everything).chart);
  expect(identities(objects)).toEqual(['ConfigMap certificates', 'Deployment certificates']);
  const [container] = podOf(objects).containers;
  expect(container.image).toBe('registry.example.com/tools:1');
  expect(container.env).toContainEqual({ name: 'KV_TOKEN_FILE', value: '/etc/traefik-ha/store/token' });
  expect(container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual([
    '/etc/traefik-ha/publisher',
    '/tmp',
    '/etc/traefik-ha/store',
    '/certificates/shop',
    '/certificates/edge-blog-tls',
  ]);
});

test('the default child is the Deployment', () => {
  const { publisher } = published();
  expect(publisher.node.defaultChild).toBe(publisher.deployment);
});

test('a Certificate of the program is one', () => {
  const chart = new Chart(Testing.app(), 'edge', { namespace: 'edge' });
  const issuer = CertManagerIssuer.existing('letsencrypt', { letsEncrypt: true });
  const certificate = new Certificate(chart, 'shop', {
    secretName: 'shop-tls',
    dnsNames: ['shop.example.com'],
    issuer,
  });
  new KvCertificatePublisher(chart, 'publisher', { store, certificates: [certificate] });
  const [container] = podOf(objectsIn(chart)).containers;
  expect(container.volumeMounts).toContainEqual(expect.objectContaining({ mountPath: '/certificates/edge-shop-tls' }));
});

test('what cannot be published', () => {
  expect(problemsOf({ certificates: [] })).toEqual([
    'KV-15 [edge/publisher] there is nothing to publish. Give at least one of certificates',
  ]);
  const twice = [
    { secretName: 'a-tls', as: 'a' },
    { secretName: 'b-tls', as: 'a' },
  ];
  expect(problemsOf({ certificates: twice })).toEqual([
    'KV-15 [edge/publisher] two certificates would be published under one name (a). Give one of them another name',
  ]);
  expect(
    problemsOf({
      certificates: [
        { secretName: 'a-tls', as: 'a/b' },
        { secretName: 'b-tls', as: '42' },
      ],
    }),
  ).toEqual([
    'KV-06 [edge/publisher] not the name of a certificate in a store (a/b). Use letters, digits, hyphens and dots, with a letter among them',
    expect.stringMatching(/^KV-06 .*\(42\)/),
  ]);
  expect(
    problemsOf({ certificates: [{ secretName: 'No Secret' }], image: 'curl:latest' }).map((line) => line.slice(0, 7)),
  ).toEqual(['KV-06 [', 'NAME-04', 'IMAGE-0']);
  expect(problemsOf({ store: KvStore.zooKeeper({ endpoints: ['zk:2181'] }) })[0]).toMatch(/^KV-13 /);
  expect(problemsOf({ store: KvStore.redis({ endpoint: 'redis:6379', tls: {} }) })[0]).toMatch(/^KV-17 /);
});
