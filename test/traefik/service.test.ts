import { LoadBalancer } from '../../lib/traefik/load-balancer';
import { only, podOf, traefikObjects } from '../support/edge';

test('80 and 443 lead to the entry points of the pods, and nothing else leads in', () => {
  const objects = traefikObjects();
  const { ports } = only(objects, 'Service').spec;
  expect(ports).toEqual([
    { name: 'web', port: 80, targetPort: 'web', protocol: 'TCP' },
    { name: 'websecure', port: 443, targetPort: 'websecure', protocol: 'TCP' },
  ]);
  const names = podOf(objects).containers[0].ports.map(({ name }: { name: string }) => name);
  expect(names).toEqual(expect.arrayContaining(ports.map(({ targetPort }: { targetPort: string }) => targetPort)));
});

test('the redirect goes to the port that clients see', () => {
  const objects = traefikObjects();
  const secure = only(objects, 'Service').spec.ports.find(({ name }: { name: string }) => name === 'websecure');
  expect(podOf(objects).containers[0].args).toContain(
    `--entryPoints.web.http.redirections.entryPoint.to=:${secure.port}`,
  );
});

test('its name is announced where it has one', () => {
  const annotation = 'external-dns.kubernetes.io/hostname';
  const annotationsOf = (loadBalancer: LoadBalancer) =>
    only(traefikObjects({ loadBalancer }), 'Service').metadata.annotations ?? {};
  expect(annotationsOf(LoadBalancer.generic({ hostName: 'lb.example.com' }))[annotation]).toBe('lb.example.com');
  expect(annotationsOf(LoadBalancer.generic())).not.toHaveProperty([annotation]);
});
