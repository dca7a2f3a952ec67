import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNow } from '../lab/command';
import { DOCKER_GROUP, SHARED } from '../lab/engine';
import { ADDRESSES } from '../lab/network';
import { enter } from '../lab/processes';
import { SWARM_IMAGES } from '../lab/swarm-images';
import { until } from '../lab/wait';
import type { SwarmStage } from '../support/swarm-stage';

const HOST = 'hello.example.com';

/** A further name of an image. */
const TOOLS = 'lab.test/tools:1';

/** What the proofs of the Swarm rest on: the machines, and each thing of the engine that stack files use. */
export function swarmLab(stage: () => SwarmStage): void {
  test('three machines, of which none has a way out', async () => {
    const { lab } = stage();
    const nodes = await lab.manager.docker.lines([
      'node',
      'ls',
      '--format',
      '{{.Hostname}} {{.Status}} {{.ManagerStatus}}',
    ]);
    expect(nodes.map((line) => line.trim()).sort()).toEqual(['node1 Ready Leader', 'node2 Ready', 'node3 Ready']);
    // Each machine's way to others leads to the hub, which has none.
    const outwards = runNow([...enter(lab.network.hub), 'ip', 'route', 'get', '192.0.2.1'], { mayFail: true });
    expect(outwards.stderr).toContain('Network is unreachable');
  });

  test('a stack: global tasks on host-mode ports, a config, a secret, an overlay between machines', async () => {
    const { lab } = stage();
    writeFileSync(join(lab.folder, 'motd'), 'hello');
    writeFileSync(join(lab.folder, 'word'), 'sesame');
    await lab.alias(SWARM_IMAGES.busybox, TOOLS);
    const file = stage().stackFile('plain', PLAIN);
    expect((await lab.config(file)).stdout).toContain('endpoint_mode: dnsrr');
    await lab.deploy(file, 'plain');
    await lab.converged('plain');
    const web = await lab.containers('plain_web');
    expect(web.map(({ engine }) => engine.name)).toEqual(['node1', 'node2', 'node3']);
    for (const address of stage().ports(8080)) {
      expect(await stage().client.tls({ name: '', address, path: '/', plain: true })).toMatchObject({
        status: 200,
        body: expect.stringMatching(/^web\n/),
      });
    }
    for (const container of await lab.containers('plain_shell')) {
      expect(await lab.exec(container, ['cat', '/etc/motd', '/run/secrets/word'])).toMatchObject({
        stdout: 'hellosesame',
      });
      for (const { addresses } of web) {
        const page = await lab.exec(container, ['wget', '-T', '5', '-qO-', `http://${addresses.plain_front}:8080/`]);
        expect(page.stdout).toMatch(/^web\n/);
      }
      const { stdout } = await lab.exec(container, ['nslookup', 'web']);
      for (const { addresses } of web) expect(stdout).toContain(addresses.plain_front);
    }
  });

  test("containers find the ACME server by the lab's DNS", async () => {
    const { lab } = stage();
    const container = await stage().containerOf('plain_curl');
    const url = lab.acme.directory;
    expect(JSON.parse((await lab.exec(container, ['curl', '-sS', '--insecure', url])).stdout)).toHaveProperty(
      'newOrder',
    );
    expect(await lab.exec(container, ['curl', '-sS', url], { mayFail: true })).toMatchObject({ status: 60 });
  });

  test('a job runs to its end, and again with each deployment', async () => {
    const { lab } = stage();
    const done = async () => (await lab.tasks('plain_job')).filter(({ state }) => state === 'complete').length;
    expect(await done()).toBe(1);
    expect(await lab.logs('plain_job')).toContain('done');
    await lab.deploy(join(lab.folder, 'plain.yaml'), 'plain');
    await until('the job has run again', { seconds: 30 }, async () => (await done()) === 2);
  });

  test('a task that is killed, or told to end, is replaced; a service is scaled', async () => {
    const { lab } = stage();
    const killed = await stage().containerOf('plain_web', 'node2');
    const ended = await stage().containerOf('plain_web', 'node3');
    lab.killIn(killed.id, '/client');
    await lab.signal(ended, 'SIGTERM');
    await until('other containers run', { seconds: 30 }, async () => {
      const ids = (await lab.containers('plain_web')).map(({ id }) => id);
      return ids.length === 3 && !ids.includes(killed.id) && !ids.includes(ended.id);
    });
    await lab.scale('plain_curl', 0);
    expect(await lab.containers('plain_curl')).toEqual([]);
  });

  test('the shared folder is the same on all machines, and can be full', async () => {
    const { lab } = stage();
    const [one, two] = await lab.containers('plain_shell');
    if (one === undefined || two === undefined) throw new Error('fewer than two containers');
    await lab.exec(one, ['sh', '-c', 'echo here > /shared/file']);
    expect((await lab.exec(two, ['cat', '/shared/file'])).stdout).toBe('here\n');
    expect(readFileSync(join(lab.shared, 'file'), 'utf8')).toBe('here\n');
    const fill = ['sh', '-c', 'dd if=/dev/zero of=/shared/more bs=1k count=64'];
    lab.limitShared('16k');
    expect((await lab.exec(one, fill, { mayFail: true })).stderr).toContain('No space left on device');
    lab.restoreShared();
    expect((await lab.exec(one, fill)).status).toBe(0);
  });

  test('etcd and Redis answer', async () => {
    const { lab } = stage();
    await lab.deploy(stage().stackFile('stores', STORES), 'stores');
    await lab.converged('stores');
    const etcd = await stage().containerOf('stores_etcd');
    await until('etcd answers', { seconds: 20 }, async () => lab.exec(etcd, ['etcdctl', 'put', 'a', 'b']));
    expect((await lab.exec(etcd, ['etcdctl', 'get', 'a'])).stdout).toBe('a\nb\n');
    await lab.freeze(etcd, true);
    expect((await lab.exec(etcd, ['etcdctl', 'get', 'a'], { mayFail: true })).stderr).toContain('is paused');
    await lab.freeze(etcd, false);
    expect((await lab.exec(etcd, ['etcdctl', 'get', 'a'])).stdout).toBe('a\nb\n');
    const redis = await stage().containerOf('stores_redis');
    expect((await lab.exec(redis, ['redis-cli', 'ping'])).stdout).toBe('PONG\n');
    await lab.remove('stores');
  });

  test('the stack is taken away, with its volumes', async () => {
    const { lab } = stage();
    await lab.remove('plain');
    expect(await lab.manager.docker.lines(['service', 'ls', '--quiet'])).toEqual([]);
    expect(await lab.manager.docker.lines(['volume', 'ls', '--quiet'])).toEqual([]);
  });

  test('a certificate by DNS-01 from a job, and a labelled service by Traefik, on every machine', async () => {
    const { lab } = stage();
    const began = Date.now();
    const file = stage().stackFile('traefik', traefikStack(stage()));
    await lab.config(file);
    await lab.deploy(file, 'traefik');
    await lab.converged('traefik', 90);
    await stage().servedByAll(HOST, '/', 60);
    for (const seen of await stage().seenOnAll(HOST)) {
      expect(seen).toMatchObject({ verified: true, dnsNames: [HOST], body: expect.stringMatching(/^hello\n/) });
    }
    const load = await stage().client.ask({
      url: `https://${HOST}/`,
      requests: 300,
      connections: 'new',
      rate: 100,
      dial: stage().ports(443),
    });
    expect(load).toMatchObject({ failed: 0, requests: 300 });
    stage().figures.add({
      proof: 'Swarm lab',
      what: 'a certificate and a labelled service, from nothing',
      failed: `${load.failed} of ${load.requests}`,
      time: `${Math.round((Date.now() - began) / 1000)} s until three machines serve it`,
      served: `${Object.keys(load.serials).length} certificate`,
    });
  });

  test('the socket proxy lets nothing else through', async () => {
    const { lab } = stage();
    const shell = await stage().containerOf('traefik_traefik', 'node3');
    const ask = (path: string) =>
      lab.exec(shell, ['wget', '-qO-', `http://socket-proxy:2375${path}`], { mayFail: true });
    expect(JSON.parse((await ask('/v1.41/services')).stdout).length).toBeGreaterThan(0);
    expect((await ask('/v1.41/secrets')).stderr).toContain('403 Forbidden');
    await lab.remove('traefik');
  });
}

const PLAIN = {
  services: {
    web: {
      image: SWARM_IMAGES.backend,
      command: ['--address=:8080', '--name=web'],
      ports: [{ target: 8080, published: 8080, mode: 'host' }],
      networks: ['front'],
      deploy: { mode: 'global', endpoint_mode: 'dnsrr' },
    },
    shell: {
      image: SWARM_IMAGES.busybox,
      command: ['sleep', '3600'],
      init: true,
      networks: ['front'],
      configs: [{ source: 'motd', target: '/etc/motd' }],
      secrets: ['word'],
      volumes: ['shared:/shared'],
      deploy: { replicas: 2, endpoint_mode: 'dnsrr', placement: { max_replicas_per_node: 1 } },
    },
    curl: {
      image: SWARM_IMAGES.curl,
      command: ['sleep', '3600'],
      networks: ['front'],
      deploy: { replicas: 1, endpoint_mode: 'dnsrr' },
    },
    job: {
      image: TOOLS,
      command: ['sh', '-c', 'sleep 1; echo done'],
      deploy: { mode: 'replicated-job', restart_policy: { condition: 'none' } },
    },
  },
  networks: { front: { driver: 'overlay' } },
  configs: { motd: { file: './motd' } },
  secrets: { word: { file: './word' } },
  volumes: { shared: { driver_opts: { type: 'none', o: 'bind', device: SHARED } } },
};

const STORES = {
  services: {
    etcd: {
      image: SWARM_IMAGES.etcd,
      command: ['etcd', '--data-dir=/tmp/etcd'],
      deploy: { endpoint_mode: 'dnsrr' },
    },
    redis: { image: SWARM_IMAGES.redis, deploy: { endpoint_mode: 'dnsrr' } },
  },
};

/** Traefik on every machine, with the manager's API through the proxy alone, and a job that gets the certificate. */
function traefikStack({ lab }: SwarmStage): object {
  return {
    services: {
      traefik: {
        image: SWARM_IMAGES.traefik,
        command: [
          '--entrypoints.websecure.address=:443',
          '--providers.swarm.endpoint=tcp://socket-proxy:2375',
          '--providers.swarm.network=traefik_front',
          '--providers.swarm.exposedByDefault=false',
          '--providers.swarm.refreshSeconds=1',
          '--providers.file.directory=/certificates',
        ],
        ports: [{ target: 443, published: 443, mode: 'host' }],
        networks: ['front', 'control'],
        volumes: ['certificates:/certificates:ro'],
        deploy: { mode: 'global', endpoint_mode: 'dnsrr', update_config: { order: 'stop-first', parallelism: 1 } },
      },
      'socket-proxy': {
        image: SWARM_IMAGES.socketProxy,
        command: [
          '-listenip=0.0.0.0',
          '-allowfrom=0.0.0.0/0',
          '-allowHEAD=/_ping',
          '-allowGET=/v1\\..{1,2}/(version|services|tasks|networks|nodes(/[a-z0-9]+)?)|/_ping',
          '-allowhealthcheck',
        ],
        user: `65534:${DOCKER_GROUP}`,
        networks: ['control'],
        volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'],
        healthcheck: { test: ['CMD', '/healthcheck'], interval: '2s' },
        deploy: { endpoint_mode: 'dnsrr', placement: { constraints: ['node.role == manager'] } },
      },
      hello: {
        image: SWARM_IMAGES.backend,
        command: ['--address=:8080', '--name=hello'],
        networks: ['front'],
        deploy: {
          replicas: 2,
          endpoint_mode: 'dnsrr',
          labels: {
            'traefik.enable': 'true',
            'traefik.http.routers.hello.rule': `Host(\`${HOST}\`)`,
            'traefik.http.routers.hello.tls': 'true',
            'traefik.http.services.hello.loadbalancer.server.port': '8080',
          },
        },
      },
      order: {
        image: SWARM_IMAGES.lego,
        entrypoint: ['sh', '-euc', ORDER],
        environment: {
          LEGO_CA_CERTIFICATES: '/run/secrets/authority',
          RFC2136_NAMESERVER: `${ADDRESSES.dns}:53`,
          RFC2136_TSIG_ALGORITHM: 'hmac-sha512.',
          RFC2136_TSIG_KEY: lab.dns.key.name,
          RFC2136_TSIG_SECRET: lab.dns.key.secret,
          RFC2136_POLLING_INTERVAL: '1',
          DIRECTORY: lab.acme.directory,
          HOST,
        },
        secrets: ['authority'],
        volumes: ['certificates:/certificates'],
        deploy: { mode: 'replicated-job', restart_policy: { condition: 'none' } },
      },
    },
    networks: { front: { driver: 'overlay' }, control: { driver: 'overlay', internal: true } },
    secrets: { authority: { file: lab.authority.certificate } },
    volumes: { certificates: { driver_opts: { type: 'none', o: 'bind', device: SHARED } } },
  };
}

/** $$ is what a stack file has for $. */
const ORDER = `
/lego --server "$$DIRECTORY" --email hello@example.com --accept-tos --path /tmp/lego --dns rfc2136 --domains "$$HOST" run
cp "/tmp/lego/certificates/$$HOST.crt" "/tmp/lego/certificates/$$HOST.key" /certificates/
printf 'tls:\\n  certificates:\\n    - certFile: /certificates/%s.crt\\n      keyFile: /certificates/%s.key\\n' \\
  "$$HOST" "$$HOST" > /certificates/.new
mv /certificates/.new /certificates/tls.yaml
`;
