import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import * as consul from '../../examples/swarm-consul/main';
import * as sharedFiles from '../../examples/swarm-shared-files/main';
import type { WrittenStack } from '../support/stacks';
import { filesOf } from '../support/synthesize';

/** What must hold for every service of every stack, whatever else it shows. */
const EXAMPLES = {
  'swarm-consul': () => filesOf((app) => consul.build(app, consul.PRODUCTION)),
  'swarm-shared-files': () => filesOf((app) => sharedFiles.build(app, sharedFiles.PRODUCTION)),
};

describe.each(Object.entries(EXAMPLES))('%s', (_, synthesize) => {
  const files = synthesize();
  const stack: WrittenStack = parse(files['edge.stack.yml'] ?? '');
  const services = Object.entries(stack.services);

  test('the same program gives the same bytes', () => {
    expect(synthesize()).toEqual(files);
  });

  test('every config is a file that was written, under a name that tells its content', () => {
    const written = Object.entries(files).filter(([path]) => path !== 'edge.stack.yml');
    expect(
      Object.values(stack.configs)
        .map(({ file }) => file.slice(2))
        .sort(),
    ).toEqual(written.map(([path]) => path));
    for (const { name, file } of Object.values(stack.configs)) {
      const digest = createHash('sha256')
        .update(files[file.slice(2)] ?? '')
        .digest('hex');
      expect(name.endsWith(`_${digest.slice(0, 8)}`)).toBe(true);
    }
  });

  test('every reference is declared, and every declaration referred to', () => {
    const used = {
      networks: services.flatMap(([, { networks }]) => Object.keys(networks)),
      volumes: services.flatMap(([, { volumes = [] }]) =>
        volumes
          .filter(({ type }: { type: string }) => type === 'volume')
          .map(({ source }: { source: string }) => source),
      ),
      configs: services.flatMap(([, { configs = [] }]) => configs.map(({ source }: { source: string }) => source)),
      secrets: services.flatMap(([, { secrets = [] }]) => secrets.map(({ source }: { source: string }) => source)),
    };
    for (const kind of ['networks', 'volumes', 'configs', 'secrets'] as const) {
      expect([...new Set(used[kind])].sort()).toEqual(Object.keys(stack[kind]).sort());
    }
  });

  test('nobody but Traefik is reached from outside, and nobody but the proxy has the socket', () => {
    expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['traefik']);
    const binds = services.filter(([, { volumes = [] }]) =>
      volumes.some(({ type }: { type: string }) => type === 'bind'),
    );
    expect(binds.map(([name]) => name)).toEqual(['traefik-socket-proxy']);
  });

  test('no container changes its image, or can do more than a user', () => {
    for (const [, service] of services) {
      expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
      expect(service).not.toHaveProperty('cap_add');
    }
  });

  test('one task after the other, the old one first where it has ports of the node', () => {
    for (const [, { deploy, ports }] of services.filter(([name]) => name !== 'seed')) {
      expect(deploy.update_config.parallelism).toBe(1);
      expect(deploy.update_config.failure_action).toBe('rollback');
      if (ports) expect(deploy.update_config.order).toBe('stop-first');
    }
  });

  test('secrets are in the swarm already, and readable to their process alone', () => {
    expect(Object.values(stack.secrets).every(({ external }) => external)).toBe(true);
    for (const [, { secrets = [], user }] of services) {
      for (const secret of secrets) {
        expect(secret.mode).toBe(0o400);
        expect(`${secret.uid}:${secret.gid}`).toBe(user);
      }
    }
  });
});
