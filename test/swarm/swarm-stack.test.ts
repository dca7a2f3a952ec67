import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { Cluster } from '../../lib/cluster';
import { EdgeApp } from '../../lib/edge-app';
import { StackService } from '../../lib/swarm/stack-service';
import { SwarmStack, writeSwarmStacks } from '../../lib/swarm/swarm-stack';
import { stackProblems, writtenStack } from '../support/stacks';
import { filesOf } from '../support/synthesize';

const DEPLOY = { mode: 'replicated', replicas: 1 } as const;

const app = (stack: Construct, id = 'app') => new StackService(stack, id, { image: 'app:1', deploy: DEPLOY });

test('what a stack is where nothing was said', () => {
  const { files } = writtenStack((stack) => {
    new StackService(stack, 'app', {
      image: 'app:1',
      networks: {
        [stack.network('control')]: {},
        [stack.network('webgateway')]: {},
        [stack.network('docker-api')]: {},
      },
      deploy: DEPLOY,
    });
  });
  expect(files).toEqual({
    'edge.stack.yml': `services:
  app:
    image: app:1
    networks:
      control: {}
      webgateway: {}
      docker-api: {}
    deploy:
      mode: replicated
      replicas: 1
networks:
  control:
    driver: overlay
    internal: true
    driver_opts:
      encrypted: "true"
    ipam:
      config:
        - subnet: 10.213.0.0/24
  docker-api:
    driver: overlay
    internal: true
    driver_opts:
      encrypted: "true"
  webgateway:
    driver: overlay
    attachable: true
`,
  });
});

test('every property shows', () => {
  const files = filesOf((scope) => {
    const props = { name: 'front', encryption: 'all', controlSubnet: '10.9.0.0/16', endpointMode: 'dnsrr' } as const;
    const stack = new SwarmStack(scope, 'edge', props satisfies Required<typeof props>);
    new StackService(stack, 'app', {
      image: 'app:1',
      networks: { [stack.network('control')]: {}, [stack.network('outbound')]: {} },
      deploy: DEPLOY,
    });
  });
  expect(Object.keys(files)).toEqual(['front.stack.yml']);
  const text = files['front.stack.yml'] ?? '';
  expect(text).toContain('endpoint_mode: dnsrr');
  expect(text).toContain('subnet: 10.9.0.0/16');
  expect(text).toContain('outbound:\n    driver: overlay\n    driver_opts:\n      encrypted: "true"');
});

test('no network is encrypted where the kernel cannot', () => {
  const { stack } = writtenStack(
    (edge) => {
      new StackService(edge, 'app', { image: 'app:1', networks: { [edge.network('control')]: {} }, deploy: DEPLOY });
    },
    { encryption: 'none' },
  );
  expect(stack.networks.control).toEqual({
    driver: 'overlay',
    internal: true,
    ipam: { config: [{ subnet: '10.213.0.0/24' }] },
  });
});

test('networks of its own, and those that are there already', () => {
  const { stack } = writtenStack((edge) => {
    const networks = [edge.privateNetwork('backend'), ...edge.networksOf(['backend', 'monitoring'])];
    new StackService(edge, 'app', {
      image: 'app:1',
      networks: Object.fromEntries(networks.map((name) => [name, {}])),
      deploy: DEPLOY,
    });
  });
  expect(stack.networks).toEqual({
    backend: { driver: 'overlay', internal: true },
    monitoring: { external: true, name: 'monitoring' },
  });
});

test('a shared network is that of the stack, whoever names it first', () => {
  const { stack } = writtenStack((edge) => {
    new StackService(edge, 'app', () => ({
      image: 'app:1',
      networks: Object.fromEntries(edge.networksOf(['control']).map((name) => [name, {}])),
      deploy: DEPLOY,
    }));
  });
  expect(stack.networks.control).toMatchObject({ driver: 'overlay', ipam: { config: [{ subnet: '10.213.0.0/24' }] } });
});

test('configs are named by their content, and written beside the stack as they are', () => {
  const write = (text: string) =>
    writtenStack((edge) => {
      const source = edge.config(edge, 'settings', '.ini', () => text);
      new StackService(edge, 'app', {
        image: 'app:1',
        environment: { PRICE: '$5 and $$6' },
        configs: [{ source, target: '/settings.ini' }],
        deploy: { ...DEPLOY, labels: { pattern: '^a$' } },
      });
    });
  const { stack, files } = write('price = $5\n');
  expect(files['edge/settings.ini']).toBe('price = $5\n');
  expect(stack.configs).toEqual({ settings: { name: 'edge_settings_9f674a31', file: './edge/settings.ini' } });
  expect(write('price = $6\n').stack.configs.settings.name).not.toBe('edge_settings_9f674a31');
  // The client takes a single dollar for a variable of its environment.
  expect(stack.services.app.environment.PRICE).toBe('$$5 and $$$$6');
  expect(stack.services.app.deploy.labels.pattern).toBe('^a$$');
});

test('a service is known by its ids below the stack, and patched before it is looked at', () => {
  const { stack } = writtenStack((edge) => {
    const group = new Construct(edge, 'shop');
    const service = app(group, 'web');
    expect(service.name).toBe('shop-web');
    service.patch((spec) => ({ ...spec, hostname: 'a' }));
    service.patch((spec) => ({ ...spec, hostname: `${spec.hostname}b` }));
  });
  expect(stack.services['shop-web'].hostname).toBe('ab');
  expect(stackProblems((edge) => app(edge).patch((spec) => ({ ...spec, restart: 'always' })))).toEqual([
    'SWARM-05 [edge/app] docker stack deploy ignores it without a word (restart). Say deploy.restart_policy',
  ]);
});

test.each(['0o17', '-0o7', '0X1F', '0B1', '1e_3', '_1', '12:30:45', 'no', '~', '1_000', '.5'])(
  'a text that Docker would take for something else is between quotes: %s',
  (text) => {
    const { files } = writtenStack((edge) => {
      new StackService(edge, 'app', { image: 'app:1', command: [text], deploy: DEPLOY });
    });
    expect(files['edge.stack.yml']).toContain(`- "${text}"\n`);
  },
);

describe('names', () => {
  test('that no swarm can have', () => {
    expect(stackProblems((edge) => app(edge, 'my_app'))).toEqual([
      'SWARM-11 [edge/my_app] not a name that a service can have in a swarm and in its DNS (my_app). Use lower-case letters, digits and hyphens, 63 characters at most',
    ]);
    expect(stackProblems((edge) => app(edge), { name: 'Front' })).toEqual([
      'SWARM-11 [edge] not a name that a stack can have in a swarm and in its DNS (Front). Use lower-case letters, digits and hyphens, 63 characters at most',
    ]);
    expect(
      stackProblems((edge) => {
        edge.secret('../token');
        app(edge);
      }),
    ).toEqual([
      'SWARM-11 [edge] not a name that a network, volume, config or secret can have in a swarm (../token). Use letters, digits, hyphens, underscores and dots, 64 at most; docker secret ls and the like show what there is',
    ]);
  });

  test('that two have', () => {
    expect(
      stackProblems((edge) => {
        app(edge, 'a-b');
        app(new Construct(edge, 'a'), 'b');
        edge.config(edge, 'settings', '.ini', () => 'one');
        edge.config(edge, 'settings', '.ini', () => 'two');
        new SwarmStack(edge.node.scope as App, 'second', { name: 'edge' });
      }),
    ).toEqual([
      'SWARM-11 [edge/a/b] declared twice: edge/a-b declares it as well (service a-b). Give one of them another id or name',
      'SWARM-11 [second] declared twice: edge has the same name (stack edge). Give one of them another id or name',
      'SWARM-11 [edge] declared twice: edge gives it other content (config settings). Give one of them another id or name',
      'SWARM-08 [second] a stack without a service is refused. Declare a SwarmTraefik or a SwarmService in it',
    ]);
  });

  test('that are too long with that of the stack', () => {
    const names = (id: string) =>
      stackProblems((edge) => {
        edge.config(edge, `${id}-x`, '.txt', () => 'x');
        app(edge, id);
      }).map((line) => line.replaceAll(/a{9,}/g, 'a…'));
    expect(names('a'.repeat(59))).toEqual([
      "SWARM-11 [edge/a…] the engine takes 63 letters at most, those of the stack's name among them (edge_a…). Give the stack a shorter name, or the construct a shorter id",
      "SWARM-11 [edge] the engine takes 64 letters at most, those of the stack's name among them (edge_a…-x_2d711642). Give the stack a shorter name, or the construct a shorter id",
    ]);
    // 58 letters are a service's, and two and a hash more are too many for a config's.
    expect(names('a'.repeat(58))).toEqual([expect.stringContaining('(edge_a…-x_2d711642)')]);
    expect(names('a'.repeat(48))).toEqual([]);
  });

  test('of a volume or network that two declare as different things', () => {
    const problems = (build: (edge: SwarmStack) => void) =>
      stackProblems((edge) => {
        app(edge);
        build(edge);
      });
    expect(
      problems((edge) => {
        edge.volume('data', { driver: 'local', driver_opts: { type: 'nfs' } });
        edge.volume('data');
      }),
    ).toEqual([
      'SWARM-11 [edge] declared twice: with other settings (volume data). Give one of them another id or name',
    ]);
    expect(
      problems((edge) => {
        edge.privateNetwork('control');
        edge.network('control');
      }),
    ).toEqual([
      'SWARM-11 [edge] declared twice: with other settings (network control). Give one of them another id or name',
    ]);
    expect(
      problems((edge) => {
        edge.volume('data', { driver: 'local' });
        edge.volume('data', { driver: 'local' });
      }),
    ).toEqual([]);
  });

  test('one config of one content may be declared by several', () => {
    const { stack } = writtenStack((edge) => {
      edge.config(edge, 'script', '.sh', () => 'exit 0');
      edge.config(app(edge), 'script', '.sh', () => 'exit 0');
    });
    expect(Object.keys(stack.configs)).toEqual(['script']);
  });
});

test('configs that the engine refuses, or that everybody could read', () => {
  const problems = (text: string) =>
    stackProblems((edge) => {
      edge.config(app(edge), 'settings', '.ini', () => text);
    });
  expect(problems('')).toEqual([
    'SWARM-12 [edge/app] a config holds from 1 byte to 1000 KiB (settings: 0 bytes). Leave it out',
  ]);
  expect(problems('x'.repeat(1024 * 1000))).toEqual([]);
  expect(problems('x'.repeat(1024 * 1000 + 1))).toEqual([
    'SWARM-12 [edge/app] a config holds from 1 byte to 1000 KiB (settings: 1024001 bytes). Split it',
  ]);
  expect(problems('-----BEGIN EC PRIVATE KEY-----\n')).toEqual([
    'SWARM-12 [edge/app] it holds a private key, and whoever may ask a manager can read configs (settings). Put the key into a secret, and name the file below /run/secrets',
  ]);
});

test('a subnet that is none', () => {
  expect(stackProblems((edge) => app(edge), { controlSubnet: '10.0.0.0' })).toEqual([
    'LB-02 [edge] controlSubnet holds networks in CIDR notation (10.0.0.0). Write 10.0.0.0/16 or 2001:db8::/32',
  ]);
});

test('two stacks of a swarm with the same addresses', () => {
  const problems = (controlSubnet: string, scopeOf = (root: App): Construct => root) =>
    stackProblems((edge) => {
      const second = new SwarmStack(scopeOf(edge.node.root as App), 'second', { controlSubnet });
      for (const stack of [edge, second]) {
        new StackService(stack, 'app', {
          image: 'app:1',
          networks: { [stack.network('control')]: {} },
          deploy: DEPLOY,
        });
      }
    });
  expect(problems('10.0.0.0/8')).toEqual([
    "SWARM-22 [second] the control network of edge has these addresses, and the engine gives them to one network only (10.0.0.0/8). Give it another controlSubnet, such as '10.214.0.0/24', or put stacks of two swarms into two Cluster scopes",
  ]);
  expect(problems('10.213.0.128/25')).toHaveLength(1);
  expect(problems('10.214.0.0/24')).toEqual([]);
  expect(problems('10.213.0.0/24', (root) => new Cluster(root, 'west'))).toEqual([]);
});

test('a service outside of a stack', () => {
  const scope = Testing.app();
  app(new Chart(scope, 'edge', { namespace: 'edge' }));
  expect(() => scope.synth()).toThrow(
    "SWARM-14 [edge/app] it is declared in no SwarmStack (edge/app). Write new SwarmStack(app, 'edge'), and declare it in that",
  );
});

describe('files', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'traefik-ha-'));
  afterAll(() => rmSync(outdir, { recursive: true }));
  const names = () => readdirSync(outdir, { recursive: true, encoding: 'utf8' }).sort();

  test('what an earlier synthesis wrote goes, and nothing else', () => {
    const first = new EdgeApp({ outdir });
    const stack = new SwarmStack(first, 'old');
    stack.config(app(stack), 'settings', '.ini', () => 'one');
    first.synth();
    writeFileSync(join(outdir, 'old/notes.txt'), 'mine');
    mkdirSync(join(outdir, 'mine'));
    writeFileSync(join(outdir, 'mine/old.ini'), 'mine');
    expect(names()).toEqual(['mine', 'mine/old.ini', 'old', 'old.stack.yml', 'old/notes.txt', 'old/settings.ini']);

    const second = new EdgeApp({ outdir });
    app(new SwarmStack(second, 'new'));
    second.synth();
    expect(names()).toEqual(['mine', 'mine/old.ini', 'new.stack.yml', 'old', 'old/notes.txt']);
  });

  test('where something is wrong, nothing is touched', () => {
    const wrong = new EdgeApp({ outdir });
    app(new SwarmStack(wrong, 'wrong'), 'my_app');
    expect(() => wrong.synth()).toThrow('SWARM-11');
    expect(existsSync(join(outdir, 'new.stack.yml'))).toBe(true);
    expect(existsSync(join(outdir, 'wrong.stack.yml'))).toBe(false);
  });

  test('with a plain app a function writes them', () => {
    const plain = new App({ outdir });
    app(new SwarmStack(plain, 'plain'));
    plain.synth();
    expect(existsSync(join(outdir, 'plain.stack.yml'))).toBe(false);
    expect(writeSwarmStacks(plain)).toEqual([join(outdir, 'plain.stack.yml')]);
    expect(existsSync(join(outdir, 'plain.stack.yml'))).toBe(true);
  });
});
