import { SharedCertVolume } from '../../lib/swarm/shared-cert-volume';
import { SwarmTraefik } from '../../lib/swarm/swarm-traefik';
import { stackProblems } from '../support/stacks';

test('what the stack declares for each kind', () => {
  expect(SharedCertVolume.nfs({ address: 'nfs.example.com', path: '/export/certs' }).volume).toEqual({
    driver: 'local',
    driver_opts: {
      type: 'nfs',
      o: 'addr=nfs.example.com,nfsvers=4.2,hard,noatime,actimeo=10',
      device: ':/export/certs',
    },
  });
  expect(SharedCertVolume.nfs({ address: 'fd00::5', path: '/certs' }).volume).toMatchObject({
    driver_opts: { o: 'addr=[fd00::5],nfsvers=4.2,hard,noatime,actimeo=10' },
  });
  expect(SharedCertVolume.gluster({ path: '/mnt/gluster/certs' }).volume).toEqual({
    driver: 'local',
    driver_opts: { type: 'none', o: 'bind', device: '/mnt/gluster/certs' },
  });
  expect(SharedCertVolume.external('certs').volume).toEqual({ external: true, name: 'certs' });
});

test.each([
  [
    SharedCertVolume.nfs({ address: '10.0.0.5,ro', path: '/certs' }),
    'not the address of an NFS server (10.0.0.5,ro). Write a host name, or an address such as 10.0.0.5',
  ],
  [
    SharedCertVolume.nfs({ address: 'nfs', path: 'certs' }),
    'not a path that a volume can be mounted from (certs). Write it from the root, such as /export/certs',
  ],
  [
    SharedCertVolume.gluster({ path: '/mnt/../etc' }),
    'not a path that a volume can be mounted from (/mnt/../etc). Write it from the root, such as /export/certs',
  ],
  [SharedCertVolume.external('/certs'), 'not the name of a volume (/certs). Take it from docker volume ls'],
])('what is none', (sharedCertificates, text) => {
  expect(stackProblems((stack) => new SwarmTraefik(stack, 'traefik', { sharedCertificates }))).toEqual([
    `SWARM-16 [edge/traefik] ${text}`,
  ]);
});
