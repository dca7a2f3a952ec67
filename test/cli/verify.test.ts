import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type https from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { UserError } from '../../lib/cli/user-error';
import { verifyCommand } from '../../lib/cli/verify';
import { TRAEFIK_KINDS } from '../../lib/verify/crds';
import { EdgeVerification } from '../../lib/verify/edge-verification';
import { ApiObjects } from '../support/api-server';
import { accepted, chartOf } from '../support/charts';
import { Cli, type Outcome } from '../support/cli';
import { TestDns } from '../support/dns';
import { only } from '../support/edge';
import { intermediate, type Pair, TestAuthority, TestServers } from '../support/tls-servers';

const folder = mkdtempSync(join(tmpdir(), 'traefik-ha-verify-'));
const HOST = 'shop.example.com';
let cli: Cli;
let authority: TestAuthority;
let good: Pair;
const servers = new TestServers();

const home = process.cwd();

beforeAll(() => {
  process.chdir(folder);
  cli = new Cli(folder);
  authority = new TestAuthority();
  good = authority.issue({ names: [HOST, '*.shop.example.com'] });
});
afterEach(() => servers.close());
afterAll(() => {
  process.chdir(home);
  cli.remove();
  authority.remove();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return name;
};
const at = (...ports: readonly number[]) => ports.map((port) => `127.0.0.1:${port}`).join(',');

/** The command, but for its process: what a process of its own adds is looked at where `cli` runs it. */
async function verify(...args: readonly string[]): Promise<Outcome> {
  const outcome = { status: null as number | null, stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((text) => {
      outcome[name] += text;
      return true;
    }),
  );
  try {
    const command = verifyCommand((status) => {
      outcome.status = status;
    });
    await command.parseAsync(['--ca-file', authority.file, ...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    outcome.status = 3;
    outcome.stderr += error.lines.map((line) => `${line}\n`).join('');
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return outcome;
}
/** The same as a user runs it. */
const verifyByCli = (...args: readonly string[]) => cli.run(['verify', '--ca-file', authority.file, ...args]);

interface Told {
  readonly status: string;
  readonly checks: readonly {
    readonly host: string;
    readonly node: { readonly address: string; readonly port: number; readonly name: string | null };
    readonly status: string;
    readonly findings: readonly { readonly check: string; readonly severity: string; readonly message: string }[];
    readonly certificate: Readonly<Record<string, unknown>> | null;
    readonly httpStatus: number | null;
  }[];
  readonly remarks: readonly {
    readonly host: string | null;
    readonly findings: readonly { readonly message: string }[];
  }[];
}

/** What is said as JSON, and the exit code. */
async function told(...args: readonly string[]) {
  const { status, stdout, stderr } = await verify(...args, '--output', 'json');
  expect(stderr).toBe('');
  return { status, report: JSON.parse(stdout) as Told };
}

/** What is said of a single check, as `severity check: message`. */
async function said(...args: readonly string[]): Promise<string[]> {
  const { report } = await told(...args);
  expect(report.checks).toHaveLength(1);
  return report.checks.flatMap(({ findings }) =>
    findings.map(({ severity, check, message }) => `${severity} ${check}: ${message}`),
  );
}

describe('a server that has nothing wrong', () => {
  test('is ok, over IPv4 and IPv6, by address and by name', async () => {
    const four = await servers.tls(good);
    const six = await servers.tls(good, undefined, '::1');
    const nodes = `127.0.0.1:${four.port},[::1]:${six.port}`;
    const { status, report } = await told('--nodes', nodes, HOST);
    expect([status, report.status]).toEqual([0, 'ok']);
    expect(report.checks.map(({ node }) => node.address)).toEqual(['127.0.0.1', '::1']);
    expect(report.checks[0]?.certificate).toMatchObject({
      subject: `CN=${HOST}`,
      issuer: 'CN=Test Authority',
      names: [HOST, '*.shop.example.com'],
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const byName = await told('--nodes', `localhost:${four.port}`, HOST);
    expect(byName.report.checks.find(({ node }) => node.address === '127.0.0.1')).toMatchObject({
      status: 'ok',
      node: { name: 'localhost' },
    });
  });

  test('is trusted by the authorities of the system, where none are given', async () => {
    const { port } = await servers.tls(good);
    const args = ['verify', '--nodes', at(port), HOST];
    const trusting = await cli.run(args, { SSL_CERT_FILE: authority.file });
    expect([trusting.status, trusting.stderr]).toEqual([0, '']);
    const other = await cli.run(args);
    expect(other.status).toBe(2);
    expect(other.stdout).toMatch(/critical: not trusted: its authority is not in the trust store/);
  });

  test('is asked for a concrete name where the host is a wildcard', async () => {
    const asked: string[] = [];
    const server = await servers.tls({
      ...good,
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    });
    const { status } = await verify('--nodes', at(server.port), '*.shop.example.com');
    expect([status, asked]).toEqual([0, ['traefik-ha-verify.shop.example.com']]);
  });

  test('is asked by the ASCII form of an international name', async () => {
    const pair = authority.issue({ names: ['xn--bcher-kva.example.com'] });
    const { port } = await servers.tls(pair);
    expect((await verify('--nodes', at(port), 'Bücher.example.com')).status).toBe(0);
  });

  test('may ask for a certificate of the client, which there is none of', async () => {
    const { port } = await servers.tls({
      ...good,
      requestCert: true,
      rejectUnauthorized: true,
      ca: authority.pair.certificate,
    });
    expect(await said('--nodes', at(port), HOST)).toEqual([]);
  });
});

describe('a server that cannot be asked', () => {
  test('nobody listens', async () => {
    expect(await said('--nodes', at(await servers.free()), HOST)).toEqual([
      'critical unreachable: not reachable: connection refused',
    ]);
  });

  test('a name without an address', async () => {
    expect(await said('--nodes', 'nowhere.invalid', HOST)).toEqual([
      'critical unresolved: no address: nowhere.invalid cannot be found',
    ]);
  });

  test('a name that the system finds no end of looking for', async () => {
    const slow = "require('node:dns/promises').lookup = () => new Promise((found) => setTimeout(found, 60_000, []))";
    const began = Date.now();
    const { status, stdout } = await cli.run(['verify', '--nodes', 'slow.invalid', '--timeout', '1s', HOST], {
      NODE_OPTIONS: `--require ${join(folder, file('slow.js', slow))}`,
    });
    expect([status, stdout]).toEqual([2, expect.stringContaining('critical: no address: no answer within 1 s\n')]);
    expect(Date.now() - began).toBeLessThan(30_000);
  }, 40_000);

  test('packets are lost', async () => {
    const hole = await blackHole();
    try {
      const nodes = ['--nodes', at(hole.port), '--timeout', '1s'];
      expect(await said(...nodes, HOST)).toEqual(['critical unreachable: not reachable: no answer within 1 s']);
      // Its other hosts are not tried one by one.
      const hosts = Array.from({ length: 300 }, (_, index) => `h${index}.example.com`);
      const { report } = await told(...nodes, '--concurrency', '1', ...hosts);
      expect(report.checks.filter(({ status }) => status === 'critical')).toHaveLength(300);
    } finally {
      hole.end();
    }
  });

  test('it takes the connection, and never answers', async () => {
    const port = await servers.tcp();
    expect(await said('--nodes', at(port), '--timeout', '1s', HOST)).toEqual([
      'critical no-tls: no TLS: no answer within 1 s',
    ]);
  });

  test('it closes the connection', async () => {
    const port = await servers.tcp((socket) => socket.end());
    expect(await said('--nodes', at(port), HOST)).toEqual([
      'critical no-tls: no TLS: connection closed by the other side',
    ]);
  });

  test('it speaks HTTP', async () => {
    const port = await servers.http((_, response) => void response.end());
    expect(await said('--nodes', at(port), HOST)).toEqual(['critical no-tls: no TLS: the port speaks something else']);
  });

  test('it does not know the name', async () => {
    const server = await servers.tls({ ...good, SNICallback: (_, done) => done(new Error('who?')) });
    expect(await said('--nodes', at(server.port), HOST)).toEqual([expect.stringMatching(/^critical no-tls: no TLS: /)]);
  });

  test('it speaks only a TLS that is too old', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { port } = await servers.tls({ ...good, ...old });
    expect(await said('--nodes', at(port), HOST)).toEqual(['critical no-tls: no TLS: no version of TLS in common']);
  });
});

describe('a certificate that has something wrong', () => {
  const served = async (pair: Pair, ...args: readonly string[]) => {
    const { port } = await servers.tls(pair);
    return said('--nodes', at(port), ...args, HOST);
  };

  test("Traefik's default one", async () => {
    const names = ['0123.4567.traefik.default'];
    const pair = authority.issue({ names, subject: '/CN=TRAEFIK DEFAULT CERT', by: 'itself' });
    expect(await served(pair)).toEqual(["critical default-certificate: Traefik's default certificate"]);
  });

  test('for other names', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'].map((label) => `${label}.example.com`);
    expect(await served(authority.issue({ names }))).toEqual([
      'critical name: the certificate is for a.example.com, b.example.com, c.example.com, 2 more only',
    ]);
    // Neither a common name nor a wildcard two labels above counts.
    const above = authority.issue({ names: ['*.example.net', '*.com'], subject: `/CN=${HOST}` });
    expect(await served(above)).toEqual(['critical name: the certificate is for *.example.net, *.com only']);
  });

  test('signed by itself', async () => {
    expect(await served(authority.issue({ names: [HOST], by: 'itself' }))).toEqual([
      `critical chain: not trusted: signed by itself (issuer CN=${HOST})`,
    ]);
  });

  test('of an authority that is not trusted', async () => {
    const other = new TestAuthority('Another Authority');
    const pair = other.issue({ names: [HOST] });
    other.remove();
    const chain = `${pair.certificate}${other.pair.certificate}`;
    expect(await served({ ...pair, certificate: chain })).toEqual([
      'critical chain: not trusted: its authority is not in the trust store (issuer CN=Another Authority)',
    ]);
  });

  test('without its intermediate certificate', async () => {
    const between = intermediate(authority);
    const pair = authority.issue({ names: [HOST], by: between });
    expect(await served(pair)).toEqual([
      'critical chain: not trusted: its authority is not in the trust store, or an intermediate certificate is missing (issuer CN=Test Intermediate)',
    ]);
    expect(await served({ ...pair, certificate: `${pair.certificate}${between.certificate}` })).toEqual([]);
  });

  test('with an intermediate certificate that has expired', async () => {
    const between = intermediate(authority, { from: -20, to: -1 });
    const pair = authority.issue({ names: [HOST], by: between });
    expect(await served({ ...pair, certificate: `${pair.certificate}${between.certificate}` })).toEqual([
      'critical chain: not trusted: a certificate of the chain has expired (issuer CN=Test Intermediate)',
    ]);
  });

  test('not for servers', async () => {
    const pair = authority.issue({ names: [HOST], extensions: ['extendedKeyUsage=clientAuth'] });
    expect(await served(pair)).toEqual([
      'critical chain: not trusted: not a certificate for servers (issuer CN=Test Authority)',
    ]);
  });

  test('before and after its time', async () => {
    expect(await served(authority.issue({ names: [HOST], from: 2.5, to: 90 }))).toEqual([
      'critical not-yet-valid: valid only in 2 days',
    ]);
    expect(await served(authority.issue({ names: [HOST], from: -90, to: -3.5 }))).toEqual([
      'critical expired: expired 3 days ago',
    ]);
  });

  test('soon to expire', async () => {
    const pair = authority.issue({ names: [HOST], from: -72.5, to: 17.5 });
    const { port } = await servers.tls(pair);
    const nodes = ['--nodes', at(port)];
    expect(await said(...nodes, HOST)).toEqual(['warning expiring: expires in 17 days']);
    expect((await verify(...nodes, HOST)).status).toBe(1);
    expect(await said(...nodes, '--critical', '18', HOST)).toEqual(['critical expiring: expires in 17 days']);
    expect(await said(...nodes, '--warning', '17', HOST)).toEqual([]);
    // A fifth of its life is left.
    expect(await said(...nodes, '--warning', '25%', '--critical', '10%', HOST)).toEqual([
      'warning expiring: expires in 17 days',
    ]);
    expect(await said(...nodes, '--warning', '15%', '--critical', '10%', HOST)).toEqual([]);
  });

  test('a short life: a part of it counts, and not days', async () => {
    const life = (from: number, to: number) => authority.issue({ names: [HOST], from, to });
    expect(await served(life(-3, 4))).toEqual([]);
    expect(await served(life(-5.6, 1.4))).toEqual(['warning expiring: expires in 33 hours']);
    expect(await served(life(-6, 1))).toEqual(['critical expiring: expires in 23 hours']);
    expect(await served(life(-30, 15))).toEqual([]);
  });
});

describe('nodes that serve different certificates', () => {
  const pairs = () => [
    authority.issue({ names: [HOST], from: -40, to: 50 }),
    authority.issue({ names: [HOST], from: -0.002, to: 89 }),
  ];

  test('the outdated one is named, and the newest it is held against', async () => {
    const [old, renewed] = pairs() as [Pair, Pair];
    const ports = [await servers.tls(renewed), await servers.tls(old), await servers.tls(renewed)].map(
      ({ port }) => port,
    );
    const { status, report } = await told('--nodes', at(...ports), HOST);
    expect([status, report.checks.map((check) => check.status)]).toEqual([2, ['ok', 'critical', 'ok']]);
    expect(report.checks[1]?.findings).toEqual([
      {
        check: 'differs',
        severity: 'critical',
        message: `differs from 127.0.0.1:${ports[0]}, whose certificate was issued 2 minutes ago`,
      },
    ]);
  });

  test('for a while after a renewal that is said, and no fault', async () => {
    const [old, renewed] = pairs() as [Pair, Pair];
    const ports = [await servers.tls(renewed), await servers.tls(old)].map(({ port }) => port);
    const within = await told('--nodes', at(...ports), '--grace', '10m', HOST);
    expect([within.status, within.report.checks[1]?.findings.map(({ severity }) => severity)]).toEqual([0, ['ok']]);
    expect((await told('--nodes', at(...ports), '--grace', '60', HOST)).status).toBe(2);
  });

  test('one that nobody trusts is not what others are held against, however new', async () => {
    const [old] = pairs() as [Pair, Pair];
    const odd = authority.issue({ names: [HOST], by: 'itself', from: 0 });
    const ports = [await servers.tls(odd), await servers.tls(old)].map(({ port }) => port);
    const { report } = await told('--nodes', at(...ports), HOST);
    expect(report.checks.map(({ findings }) => findings.map(({ check }) => check))).toEqual([['chain', 'differs'], []]);
  });

  test('each host is looked at by itself', async () => {
    const one = await servers.tls(authority.issue({ names: ['a.example.com', 'b.example.com'] }));
    const two = await servers.tls(authority.issue({ names: ['a.example.com', 'b.example.com'], from: -40 }));
    file(
      'each.yaml',
      `hosts:\n  - { name: a.example.com, nodes: ['${at(one.port)}'] }\n  - { name: b.example.com, nodes: ['${at(two.port)}'] }\n`,
    );
    expect((await verify('--file', 'each.yaml')).status).toBe(0);
  });

  test('the certificate that is to be served can be given', async () => {
    const [old, renewed] = pairs() as [Pair, Pair];
    const { port } = await servers.tls(old);
    expect(await said('--nodes', at(port), '--certificate', file('new.pem', renewed.certificate), HOST)).toEqual([
      'critical expected: not the certificate of new.pem, which was issued 2 minutes ago',
    ]);
    expect(await said('--nodes', at(port), '--certificate', file('old.pem', old.certificate), HOST)).toEqual([]);
  });
});

describe('HTTP, where it is asked for', () => {
  const over = async (answer: RequestListener, ...args: readonly string[]) => {
    const { port } = await servers.tls(good, answer);
    return said('--nodes', at(port), ...args, HOST);
  };

  test('the path, the name and the status', async () => {
    const seen: (string | undefined)[] = [];
    const answer: RequestListener = (request, response) => {
      seen.push(request.method, request.url, request.headers.host, request.httpVersion);
      response.writeHead(204).end();
    };
    const { port } = await servers.tls(good, answer);
    const { report } = await told('--nodes', at(port), '--path', '/healthz?x=1', HOST);
    expect(report.checks[0]).toMatchObject({ status: 'ok', httpStatus: 204 });
    expect(seen).toEqual(['GET', '/healthz?x=1', HOST, '1.1']);
    expect(await said('--nodes', at(port), '--path', '/', '--status', '200', HOST)).toEqual([
      'critical http-status: GET /: status 204, and not 200',
    ]);
  });

  test('a bad status, none, and no answer', async () => {
    expect(await over((_, response) => void response.writeHead(503).end(), '--path', '/x')).toEqual([
      'critical http-status: GET /x: status 503, and not 200-399',
    ]);
    expect(await over((request) => void request.socket.destroy(), '--path', '/x')).toEqual([
      'critical http-failed: GET /x: connection closed by the other side',
    ]);
    expect(await over(() => {}, '--path', '/x', '--timeout', '1s')).toEqual([
      'critical http-failed: GET /x: no answer within 1 s',
    ]);
    expect(await over((request) => void request.socket.end('SSH-2.0\r\n\r\n'), '--path', '/x')).toEqual([
      'critical http-failed: GET /x: the answer is no HTTP/1.1',
    ]);
  });

  test.each([
    ['max-age=31536000; includeSubDomains', []],
    ['includeSubDomains; Max-Age="300"', []],
    ['max-age=0', ['critical hsts: no Strict-Transport-Security']],
    [undefined, ['critical hsts: no Strict-Transport-Security']],
  ])('HSTS %s', async (header, expected) => {
    const answer: RequestListener = (_, response) =>
      void response.writeHead(404, header === undefined ? {} : { 'strict-transport-security': header }).end();
    // The status is not looked at unless a path was asked for.
    expect(await over(answer, '--hsts')).toEqual(expected);
  });

  test('the redirect to HTTPS', async () => {
    const { port } = await servers.tls(good);
    const redirected = async (answer: RequestListener) =>
      said('--nodes', at(port), '--redirect', '--http-port', String(await servers.http(answer)), HOST);
    const to =
      (status: number, location: string): RequestListener =>
      (_, response) =>
        void response.writeHead(status, { location }).end();
    expect(await redirected(to(308, `https://${HOST}/`))).toEqual([]);
    expect(await redirected(to(301, `http://${HOST}/x`))).toEqual([
      `critical redirect: no redirect to HTTPS: status 301 to http://${HOST}/x`,
    ]);
    expect(await redirected((_, response) => void response.end('here'))).toEqual([
      'critical redirect: no redirect to HTTPS: status 200',
    ]);
    const free = String(await servers.free());
    expect(await said('--nodes', at(port), '--redirect', '--http-port', free, HOST)).toEqual([
      'critical redirect-failed: no redirect: connection refused',
    ]);
  });
});

describe('hosts and nodes', () => {
  test('from a file', async () => {
    const { port } = await servers.tls(good);
    const other = await servers.tls(authority.issue({ names: ['api.example.com'] }));
    file(
      'edge.yaml',
      `nodes: ["${at(port)}"]\nhosts:\n  - ${HOST}\n  - { name: api.example.com, nodes: ["${at(other.port)}"], http: false }\n`,
    );
    const { status, report } = await told('--file', 'edge.yaml', '--path', '/');
    expect(status).toBe(0);
    expect(report.checks.map(({ host, node, httpStatus }) => [host, node.port, httpStatus])).toEqual([
      [HOST, port, 200],
      ['api.example.com', other.port, null],
    ]);
    const chosen = await told('--file', 'edge.yaml', 'api.example.com');
    expect(chosen.report.checks).toHaveLength(1);
  });

  const manifests = (targets: readonly string[], spec: object = {}) => [
    {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        routes: [{ kind: 'Rule', match: `Host(\`${HOST}\`) && !Host(\`not.example.com\`)` }],
        tls: { secretName: 'web' },
        ...spec,
      },
    },
    {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { endpoints: [{ dnsName: HOST, recordType: 'A', recordTTL: 60, targets }] },
    },
  ];
  const written = (name: string, objects: readonly object[]) =>
    file(name, objects.map((object) => JSON.stringify(object)).join('\n'));

  test('from manifests: hosts of routes, nodes of DNSEndpoints', async () => {
    const { port } = await servers.tls(good);
    written('web.json', manifests(['127.0.0.1', '127.0.0.2']));
    const { report } = await told('--from', 'web.json', '--port', String(port));
    expect(report.checks.map(({ host, node, status }) => [host, node.address, status])).toEqual([
      [HOST, '127.0.0.1', 'ok'],
      [HOST, '127.0.0.2', 'critical'],
    ]);
    // Nodes that are given count more, and so does a class.
    const given = await told('--from', 'web.json', '--nodes', at(port));
    expect(given.report.checks.map(({ node }) => node.port)).toEqual([port]);
    expect((await verify('--from', 'web.json', '--ingress-class', 'other')).stderr).toMatch(/^VERIFY-03 /);
  });

  test('a host that no node is known for is unknown, beside others', async () => {
    const { port } = await servers.tls(good);
    const [route, endpoint] = manifests(['127.0.0.1'], {
      routes: [{ kind: 'Rule', match: `Host(\`${HOST}\`) || Host(\`api.example.com\`)` }],
    });
    written('two.json', [route as object, endpoint as object]);
    const { status, report } = await told('--from', 'two.json', '--port', String(port));
    expect([status, report.status]).toEqual([3, 'unknown']);
    expect(report.remarks).toEqual([
      {
        host: 'api.example.com',
        findings: [{ check: 'no-nodes', severity: 'unknown', message: 'nothing says which nodes serve it' }],
      },
    ]);
  });

  test('routes that are left out are named', async () => {
    const { port } = await servers.tls(good);
    const [route, endpoint] = manifests(['127.0.0.1']) as [object, object];
    const plain = {
      ...route,
      metadata: { name: 'plain', namespace: 'shop' },
      spec: { routes: [{ match: 'Host(`p.example.com`)' }] },
    };
    const broken = {
      ...route,
      metadata: { name: 'broken', namespace: 'shop' },
      spec: { routes: [{ match: 'Hst(`x`)' }], tls: {} },
    };
    written('three.json', [route, endpoint, plain, broken]);
    const { status, stderr } = await verify('--from', 'three.json', '--port', String(port));
    expect(status).toBe(0);
    const lines = stderr.trim().split('\n');
    expect(lines).toEqual([
      'note: VERIFY-10 [three.json:3] the route ends no TLS, so that there is no certificate to ask for (p.example.com). Give it tls, or leave it so where TLS is passed on or not meant',
      expect.stringMatching(/^note: RULE-02 \[three\.json:4/),
    ]);
  });

  describe('from DNS', () => {
    let dns: TestDns;
    let resolver: string[];
    beforeEach(async () => {
      dns = new TestDns();
      resolver = ['--resolver', await dns.listen()];
    });
    afterEach(() => dns.close());

    test('every address of the name', async () => {
      const { port } = await servers.tls(good);
      await servers.tls(good, undefined, '::1', port);
      dns.names.set(HOST, ['127.0.0.1', '::1']);
      const { status, report } = await told('--dns', ...resolver, '--port', String(port), HOST);
      expect(status).toBe(0);
      expect(report.checks.map(({ node }) => node.address)).toEqual(['127.0.0.1', '::1']);
    });

    test('what it has, and what it lacks of the declared nodes', async () => {
      const { port } = await servers.tls(good);
      dns.names.set(HOST, ['127.0.0.1', '127.0.0.9']);
      const args = ['--dns', ...resolver, '--port', String(port), HOST];
      const { status, report } = await told(...args, '--nodes', '127.0.0.1,127.0.0.2');
      expect(status).toBe(2);
      expect(report.checks.map(({ node }) => node.address)).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.9']);
      expect(report.remarks).toEqual([
        {
          host: HOST,
          findings: [
            { check: 'dns-missing', severity: 'warning', message: 'DNS lacks 127.0.0.2' },
            { check: 'dns-extra', severity: 'critical', message: 'DNS also has 127.0.0.9, which nothing declares' },
          ],
        },
      ]);
    });

    test('nodes by a name, of which DNS may give any', async () => {
      const { port } = await servers.tls(good);
      dns.names.set('lb.example.net', ['127.0.0.1', '127.0.0.2']);
      dns.names.set(HOST, ['127.0.0.1']);
      const { report } = await told('--dns', ...resolver, '--nodes', `lb.example.net:${port}`, HOST);
      expect(report.remarks).toEqual([]);
      expect(report.checks[0]?.node).toEqual({ address: '127.0.0.1', port, name: 'lb.example.net' });
    });

    test('no address, and no answer', async () => {
      dns.names.set('broken.example.com', 2);
      const { status, report } = await told('--dns', ...resolver, 'none.example.com', 'broken.example.com');
      expect(status).toBe(2);
      expect(report.remarks).toEqual([
        {
          host: 'none.example.com',
          findings: [{ check: 'dns-none', severity: 'critical', message: 'DNS knows no address of it' }],
        },
        {
          host: 'broken.example.com',
          findings: [
            {
              check: 'dns-failed',
              severity: 'unknown',
              message: 'DNS does not answer: the server failed (SERVFAIL)',
            },
          ],
        },
      ]);
      expect((await verify('--dns', ...resolver, 'broken.example.com')).status).toBe(3);
    });

    test('remarks count', async () => {
      const [table, plugin] = [['table'], ['plugin']].map((form) => [...resolver, '--dns', '--output', ...form, HOST]);
      expect((await verify(...(table as string[]))).stdout).toContain('0 checks, 1 remark: 1 critical, in ');
      expect((await verify(...(plugin as string[]))).stdout).toContain(
        '| checks=0 ok=0 warning=0 critical=1 unknown=0 ',
      );
    });

    test('a node that it lacks is held against those that it has, and not blamed for that', async () => {
      const { port } = await servers.tls(authority.issue({ names: [HOST], from: -0.002 }));
      await servers.tls(good, undefined, '127.0.0.2', port);
      dns.names.set(HOST, ['127.0.0.1']);
      const args = [...resolver, '--nodes', `127.0.0.2:${port}, ${HOST}:${port}`, HOST];
      const { status, report } = await told(...args);
      expect([status, report.remarks]).toEqual([2, []]);
      expect(report.checks.map(({ node, findings }) => [node.address, findings.map(({ check }) => check)])).toEqual([
        ['127.0.0.2', ['differs']],
        ['127.0.0.1', []],
      ]);
    });
  });
});

describe('what is written', () => {
  const two = async () => {
    const pair = authority.issue({ names: [HOST], from: -60, to: 30.5 });
    const { port } = await servers.tls(pair);
    return [port, await servers.free()] as const;
  };
  const day = new Date(Date.now() + 30.5 * 86_400_000).toISOString().slice(0, 10);

  test('a table, in colours on a terminal only', async () => {
    const [port, free] = await two();
    const args = ['verify', '--ca-file', authority.file, '--nodes', at(port, free), HOST];
    const node = (number: number) => `127.0.0.1:${number}`.padEnd(15);
    const { stdout } = await cli.run(args);
    expect(stdout.replace(/\d+\.\d s$/m, '0.0 s')).toBe(
      [
        'HOST              NODE             EXPIRES     DAYS  RESULT',
        `${HOST}  ${node(port)}  ${day}    30  ok`,
        `${HOST}  ${node(free)}                    critical: not reachable: connection refused`,
        '2 checks: 1 ok, 1 critical, in 0.0 s',
        '',
      ].join('\n'),
    );
    const terminal = await cli.runOnTerminal(args, { TERM: 'xterm-256color' });
    expect(terminal.status).toBe(2);
    expect(terminal.stdout).toContain('\u001b[32mok\u001b[39m');
    expect(terminal.stdout).toContain('\u001b[31mcritical\u001b[39m: not reachable');
    expect((await cli.runOnTerminal(args, { TERM: 'xterm-256color', NO_COLOR: '1' })).stdout).not.toContain('\u001b[3');
  });

  test.each([
    [-10.5, '-10  critical: expired 10 days ago', -10.5],
    [29.9999, '29  ok', 29.99],
  ])('days are cut off everywhere alike: %s', async (left, row, days) => {
    const pair = authority.issue({ names: [HOST], from: -60, to: left });
    const { port } = await servers.tls(pair);
    expect((await verify('--nodes', at(port), HOST)).stdout).toMatch(new RegExp(` ${row}\\n`));
    const { stdout } = await verify('--nodes', at(port), '--output', 'plugin', HOST);
    expect(stdout).toContain(`days=${days.toFixed(2)};`);
  });

  test('one line for monitoring plugins', async () => {
    const [port, free] = await two();
    const { status, stdout } = await verify('--nodes', at(port, free), '--output', 'plugin', HOST);
    expect(status).toBe(2);
    expect(stdout.replace(/time=\S+s\n$/, 'time\n').replace(/days=30\.\d\d/, 'days')).toBe(
      `TRAEFIK-HA CRITICAL - 2 checks: 1 ok, 1 critical; ${HOST} at 127.0.0.1:${free}: not reachable: connection refused | days;20:;15: checks=2 ok=1 warning=0 critical=1 unknown=0 time\n`,
    );
  });

  test('one line for monitoring plugins where nothing can be asked', async () => {
    const outcome = await verify('--output', 'plugin', '--timeout', 'a|b', '--port', '0', HOST);
    expect(outcome).toEqual({
      status: 3,
      stdout:
        'TRAEFIK-HA UNKNOWN - VERIFY-04 [--port] not what --port takes (0). Write a port, 1 to 65535; ' +
        'VERIFY-04 [--timeout] not what --timeout takes (a/b). Write a time such as 30s, 10m or 2h\n',
      stderr: '',
    });
    const cluster = await verify('--output', 'plugin', '--kubeconfig', 'missing');
    expect([cluster.status, cluster.stderr]).toEqual([3, '']);
    expect(cluster.stdout).toMatch(/^TRAEFIK-HA UNKNOWN - traefik-ha verify: no way to an API server [^\n]*\n$/);
  });

  test('what Prometheus reads', async () => {
    const [port, free] = await two();
    const { stdout } = await verify('--nodes', at(port, free), '--output', 'prometheus', '--path', '/', HOST);
    const labels = (number: number, more = '') => `{host="${HOST}",node="127.0.0.1:${number}"${more}}`;
    for (const line of [
      '# TYPE traefik_ha_verify_status gauge',
      `traefik_ha_verify_status${labels(port)} 0`,
      `traefik_ha_verify_status${labels(free)} 2`,
      `traefik_ha_verify_reachable${labels(port)} 1`,
      `traefik_ha_verify_reachable${labels(free)} 0`,
      `traefik_ha_verify_http_status${labels(port)} 200`,
      `traefik_ha_verify_finding${labels(free, ',check="unreachable",severity="critical"')} 1`,
      'traefik_ha_verify_checks{status="critical"} 1',
      'traefik_ha_verify_overall_status 2',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    expect(stdout).toMatch(/^traefik_ha_verify_not_after_seconds\{[^}]+\} \d{10}$/m);
    expect(stdout).toMatch(
      /^traefik_ha_verify_certificate_info\{[^}]+sha256="[0-9a-f]{64}"[^}]+issuer="CN=Test Authority"\} 1$/m,
    );
  });

  test('what a Pushgateway takes, and what it does not', async () => {
    const [port] = await two();
    const taken: (string | undefined)[] = [];
    const gateway = await servers.http(async (request, response) => {
      taken.push(request.method, request.url, await text(request));
      response.writeHead(request.url === '/metrics/job/verify' ? 200 : 404).end();
    });
    const args = (path: string) => ['--nodes', at(port), '--push', `http://127.0.0.1:${gateway}${path}`, HOST];
    expect((await verify(...args('/metrics/job/verify'))).status).toBe(0);
    expect(taken.slice(0, 2)).toEqual(['PUT', '/metrics/job/verify']);
    expect(taken[2]).toContain('traefik_ha_verify_overall_status 0\n');
    const refused = await verify(...args('/'));
    expect([refused.status, refused.stderr]).toEqual([
      3,
      `VERIFY-11 [--push] the metrics are not taken: status 404 (http://127.0.0.1:${gateway}/). Look whether a Pushgateway is there\n`,
    ]);
    const gone = `http://127.0.0.1:${await servers.free()}/`;
    expect((await verify('--nodes', at(port), '--push', gone, HOST)).stderr).toContain('not taken: connection refused');
    expect((await verify('--nodes', at(port), '--push', 'gateway', HOST)).stderr).toMatch(/^VERIFY-04 \[--push\]/);
  });

  test('a bar on a terminal, when it takes long', async () => {
    const port = await servers.tcp();
    const { port: quick } = await servers.tls(good);
    const hosts = Array.from({ length: 5 }, (_, index) => `h${index}.${HOST}`);
    const args = [
      'verify',
      '--ca-file',
      authority.file,
      '--nodes',
      at(quick, port),
      '--concurrency',
      '1',
      '--timeout',
      '3s',
      ...hosts,
    ];
    const terminal = await cli.runOnTerminal(args, { TERM: 'xterm' });
    expect(terminal.stdout).toMatch(/\r\[#+-+\] \d+ of 10/);
    expect((await cli.run(args)).stderr).toBe('');
  });
});

describe('--watch', () => {
  test('ends when all nodes serve one certificate', async () => {
    const old = authority.issue({ names: [HOST], from: -40 });
    const renewed = authority.issue({ names: [HOST], from: -0.001 });
    const [ahead, behind] = [await servers.tls(renewed), await servers.tls(old)];
    renewAfter(2, behind, renewed);
    const watching = ['--watch', '--interval', '0.3s', '--nodes', at(ahead.port, behind.port), HOST];
    const { status, stdout, stderr } = await verify(...watching);
    expect(status).toBe(0);
    expect(stdout).toMatch(/2 checks: 2 ok/);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^\\d\\d:\\d\\d:\\d\\d 1 of 2 serve the newest certificate; waiting for ${HOST} at 127.0.0.1:${behind.port}$`,
        ),
      ),
      expect.stringMatching(/^\d\d:\d\d:\d\d 2 of 2 serve the newest certificate$/),
    ]);
  });

  test('waits for the certificate that is given, even where all serve one', async () => {
    const old = authority.issue({ names: [HOST], from: -40 });
    const renewed = authority.issue({ names: [HOST], from: -0.001 });
    const server = await servers.tls(old);
    renewAfter(2, server, renewed);
    file('renewed.pem', renewed.certificate);
    const { status, stderr } = await verify(
      '--watch',
      '--interval',
      '0.3s',
      '--certificate',
      'renewed.pem',
      '--nodes',
      at(server.port),
      HOST,
    );
    expect([status, stderr.trim().split('\n')]).toEqual([
      0,
      [expect.stringContaining('0 of 1'), expect.stringContaining('1 of 1')],
    ]);
  });

  test('gives up, and says how it is', async () => {
    const old = await servers.tls(authority.issue({ names: [HOST], from: -40 }));
    const renewed = await servers.tls(authority.issue({ names: [HOST], from: -1 }));
    const { status, stdout } = await verify(
      '--watch',
      '--interval',
      '0.2s',
      '--give-up',
      '1s',
      '--nodes',
      at(renewed.port, old.port),
      HOST,
    );
    expect(status).toBe(2);
    expect(stdout).toMatch(/critical: differs from/);
  });
});

describe('bad input: a line each, and 3', () => {
  test.each<[readonly string[], string]>([
    [
      [HOST],
      'VERIFY-02 [nodes] nobody says who is to be asked. Give --nodes 10.0.0.1,10.0.0.2, or --dns for every address of the hosts',
    ],
    [
      ['--nodes', '10.0.0.1'],
      'VERIFY-03 [hosts] no host to ask for. Give hosts, --file, --from with manifests that hold routes with TLS, or --cluster',
    ],
    [
      ['--nodes', '10.0.0.1', 'shop'],
      'HOST-01 [hosts] not a fully qualified host name (shop). Use letters, digits and hyphens in two or more labels of up to 63 characters, such as shop.example.com',
    ],
    [
      ['--nodes', '10.0.0.1', 'https://shop.example.com/'],
      'HOST-01 [hosts] not a fully qualified host name (https://shop.example.com/). Leave out the scheme, the port and the path',
    ],
    [
      ['--nodes', '10.0.0.1', 'a.*.example.com'],
      'HOST-02 [hosts] a wildcard is one whole label, the first one (a.*.example.com). Write *.example.com, or list the names',
    ],
    [
      ['--nodes', '10.0.0.300,[::1', HOST],
      [
        'VERIFY-01 [--nodes] not the address of a node (10.0.0.300). Write 10.0.0.1, 10.0.0.1:8443, 2001:db8::1, [2001:db8::1]:8443 or the name of a machine',
        'VERIFY-01 [--nodes] not the address of a node ([::1). Write 10.0.0.1, 10.0.0.1:8443, 2001:db8::1, [2001:db8::1]:8443 or the name of a machine',
      ].join('\n'),
    ],
    [
      ['--nodes', '10.0.0.1', '--timeout', 'soon', '--port', '0', '--status', 'good', '--secret', 'web', HOST],
      [
        'VERIFY-04 [--secret] not what --secret takes (web). Write shop/web-tls',
        'VERIFY-04 [--port] not what --port takes (0). Write a port, 1 to 65535',
        'VERIFY-04 [--status] not what --status takes (good). Write 200, or 200-399',
        'VERIFY-04 [--timeout] not what --timeout takes (soon). Write a time such as 30s, 10m or 2h',
        'VERIFY-14 [--secret] it does nothing without --cluster. Give --cluster, or leave it out',
        'VERIFY-14 [--status] it does nothing without --path. Give --path, or leave it out',
      ].join('\n'),
    ],
    [
      [
        ...['--nodes', '10.0.0.1', '--namespace', 'shop', '--ingress-class', 'edge', '--service', 'edge/traefik'],
        ...['--at', 'auto', '--no-secrets', '--http-port', '80', '--interval', '5s', '--give-up', '15m', HOST],
      ],
      [
        'VERIFY-14 [--namespace] it does nothing without --cluster. Give --cluster, or leave it out',
        'VERIFY-14 [--ingress-class] it does nothing without --from or --cluster. Give --from or --cluster, or leave it out',
        'VERIFY-14 [--service] it does nothing without --cluster. Give --cluster, or leave it out',
        'VERIFY-14 [--at] it does nothing without --cluster. Give --cluster, or leave it out',
        'VERIFY-14 [--no-secrets] it does nothing without --cluster. Give --cluster, or leave it out',
        'VERIFY-14 [--http-port] it does nothing without --redirect. Give --redirect, or leave it out',
        'VERIFY-14 [--interval] it does nothing without --watch. Give --watch, or leave it out',
        'VERIFY-14 [--give-up] it does nothing without --watch. Give --watch, or leave it out',
      ].join('\n'),
    ],
    [
      ['--nodes', '10.0.0.1', '--critical', '30', HOST],
      'VERIFY-05 [--critical] the limit comes before that of the warning, 20 days (30 days). Give a longer --warning, or less than 20 days',
    ],
    [
      ['--file', 'missing.yaml'],
      'INPUT-02 [missing.yaml] there is no such file (ENOENT). Give the path of a file with hosts and nodes',
    ],
    [
      ['--from', 'missing'],
      'INPUT-02 [missing] there is no such file or folder (ENOENT). Give files, folders, or - for standard input',
    ],
    [
      ['--nodes', '10.0.0.1', '--certificate', 'empty.pem', HOST],
      'VERIFY-07 [empty.pem] holds no certificate. Give a file in PEM, with -----BEGIN CERTIFICATE-----',
    ],
  ])('%j', async (args, expected) => {
    file('empty.pem', '');
    const { status, stdout, stderr } = await verify(...args);
    expect([status, stdout, stderr]).toEqual([3, '', `${expected}\n`]);
  });

  test('a file of another form, with line and column', async () => {
    file('odd.yaml', 'nodes: [10.0.0.1, "10.0.0.1:99999"]\nhosts:\n  - shop\n');
    expect((await verify('--file', 'odd.yaml')).stderr.split('\n')).toEqual([
      expect.stringMatching(/^HOST-01 \[odd\.yaml:3:5\]/),
      expect.stringMatching(/^VERIFY-01 \[odd\.yaml:1:19\]/),
      '',
    ]);
    file('odd.yaml', 'host: [shop.example.com]\n');
    const { status, stderr } = await verify('--file', 'odd.yaml');
    expect([status, stderr]).toEqual([
      3,
      'VERIFY-06 [odd.yaml:1:1] expected here is a list of hosts (hosts). Write hosts: [shop.example.com]\n' +
        'VERIFY-06 [odd.yaml:1:1] there is no such key here (host). There are hosts, each with name, nodes and http, and nodes\n',
    ]);
    for (const text of [
      'just words',
      '[1, 2]',
      'hosts: [{ nodes: [10.0.0.1] }]',
      'hosts: [7]',
      'nodes: 10.0.0.1\nhosts: [a.example.com]',
    ]) {
      file('odd.yaml', text);
      const one = await verify('--file', 'odd.yaml');
      expect([one.status, one.stderr.split('\n')]).toEqual([
        3,
        [expect.stringMatching(/^VERIFY-06 \[odd\.yaml:1/), ''],
      ]);
    }
    file('odd.yaml', 'hosts: [');
    expect((await verify('--file', 'odd.yaml')).stderr).toMatch(/^INPUT-01 \[odd\.yaml:1:9\]/);
  });

  test('authorities and a certificate that are none, and one that is for nobody here', async () => {
    file('ca.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const authorities = await verify('--ca-file', 'ca.pem', '--nodes', '10.0.0.1', HOST);
    expect([authorities.status, authorities.stderr]).toEqual([
      3,
      'VERIFY-07 [ca.pem] holds no certificate. Give a file in PEM, with -----BEGIN CERTIFICATE-----\n',
    ]);
    file('other.pem', authority.issue({ names: ['other.example.com'] }).certificate);
    expect((await verify('--nodes', '10.0.0.1', '--certificate', 'other.pem', HOST)).stderr).toBe(
      'VERIFY-07 [other.pem] the certificate is for none of the hosts (it is for other.example.com). Give the one that is to be served\n',
    );
  });

  test('words that there are none of', async () => {
    const [bogus, form, help, derive] = await Promise.all([
      verifyByCli('--bogus'),
      verifyByCli('--output', 'xml'),
      verifyByCli('--help'),
      // Other commands end as they did.
      cli.run(['derive', '--bogus']),
    ]);
    expect([bogus.status, bogus.stderr.split('\n')[0]]).toEqual([3, "error: unknown option '--bogus'"]);
    expect([form.status, help.status, derive.status]).toEqual([3, 0, 2]);
  });
});

test('the process ends with 0, 1, 2 or 3', async () => {
  const soon = await servers.tls(authority.issue({ names: [HOST], from: -72, to: 18 }));
  const { port } = await servers.tls(good);
  const closed = await servers.free();
  const runs = await Promise.all([
    verifyByCli('--nodes', at(port), HOST),
    verifyByCli('--nodes', at(soon.port), HOST),
    verifyByCli('--nodes', at(port, closed), HOST),
    verifyByCli('--nodes', at(port), 'shop'),
  ]);
  expect(runs.map(({ status }) => status)).toEqual([0, 1, 2, 3]);
  expect(runs.map(({ stderr }) => stderr.split(' ')[0])).toEqual(['', '', '', 'HOST-01']);
});

test('nor does it end with another number where its output is read no further, or cannot be written', async () => {
  const old = await servers.tls(authority.issue({ names: [HOST], from: -60, to: 8 }));
  const words = ['verify', '--ca-file', authority.file, '--nodes', at(old.port), HOST];
  expect((await cli.runInto('| true', words)).status).toBe(2);
  expect(await cli.runInto('>/dev/full', words)).toMatchObject({ status: 3, stderr: expect.stringMatching(/^ENOSPC/) });
});

/** What the rules of a Role or ClusterRole permit, as paths of the API. */
function pathsOf({ kind, metadata, rules = [] }: { kind: string; metadata: { namespace?: string }; rules?: Rule[] }) {
  if (!kind.endsWith('Role')) return [];
  const where = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return rules.flatMap(({ apiGroups, resources, resourceNames }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((plural) => {
        const version = group === 'traefik.io' ? 'v1alpha1' : 'v1';
        const all = `${group === '' ? '/api' : `/apis/${group}`}/${version}${where}/${plural}`;
        return resourceNames?.map((name) => `${all}/${name}`) ?? [all];
      }),
    ),
  );
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** From the next one on after `count` connections the server serves another certificate. */
function renewAfter(count: number, server: https.Server, { certificate, key }: Pair): void {
  let seen = 0;
  server.on('secureConnection', () => {
    seen += 1;
    if (seen === count) server.setSecureContext({ cert: certificate, key });
  });
}

/** A port whose waiting room is full: connections to it are not even refused. */
async function blackHole(): Promise<{ readonly port: number; end(): void }> {
  const code =
    "const server = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () =>" +
    "process.stdout.write(server.address().port + '\\n', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)))";
  const child: ChildProcess = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  const port = Number(text);
  const waiting: Socket[] = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.race(waiting.slice(0, 2).map((socket) => once(socket, 'connect')));
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    port,
    end: () => {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}

describe('a cluster', () => {
  let api: ApiObjects;
  beforeEach(async () => {
    api = new ApiObjects();
    const server = String(await api.listen());
    const cluster = { name: 'x', cluster: { server, 'insecure-skip-tls-verify': true } };
    const config = { clusters: [cluster], contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }] };
    const users = [{ name: 'x', user: { token: 'secret' } }];
    const whole = { apiVersion: 'v1', kind: 'Config', 'current-context': 'x', ...config, users };
    file('kubeconfig', JSON.stringify(whole));
  });
  afterEach(() => api.close());

  test('its routes, its Service, and the certificates in its Secrets', async () => {
    const renewed = authority.issue({ names: [HOST] });
    const { port } = await servers.tls(authority.issue({ names: [HOST], from: -40 }));
    const spec = { routes: [{ match: `Host(\`${HOST}\`)` }], tls: { secretName: 'web' } };
    api.put('/apis/traefik.io/v1alpha1/ingressroutes', { metadata: { name: 'web', namespace: 'shop' }, spec });
    api.put('/api/v1/services', {
      metadata: { name: 'traefik', namespace: 'edge', labels: { 'app.kubernetes.io/name': 'traefik' } },
      spec: { ports: [{ name: 'websecure', port }], externalIPs: ['127.0.0.1'] },
    });
    const data = { 'tls.crt': Buffer.from(renewed.certificate).toString('base64') };
    api.put('/api/v1/secrets', { metadata: { name: 'web', namespace: 'shop' }, data });
    const [table, without, unseen] = await Promise.all([
      verifyByCli('--kubeconfig', 'kubeconfig'),
      verifyByCli('--kubeconfig', 'kubeconfig', '--no-secrets'),
      verifyByCli('--kubeconfig', 'kubeconfig', '--service', 'edge/other'),
    ]);
    expect([table.status, table.stderr]).toEqual([2, '']);
    expect(table.stdout).toContain('critical: not the certificate of Secret shop/web, which was issued 30 days ago');
    expect(without.status).toBe(0);
    expect([unseen.status, unseen.stderr]).toEqual([
      3,
      'VERIFY-09 [cluster] no Service of Traefik has an address, or ready pods. Name it by --service edge/traefik, choose by --at, or give --nodes\n',
    ]);
  });

  test('an EdgeVerification may ask what its command asks, and nothing else', async () => {
    const { port } = await servers.tls(good);
    const labels = { app: 'traefik' };
    const metadata = (name: string, namespace: string) => ({ name, namespace, labels });
    for (const name of ['web', 'other']) {
      const spec = { routes: [{ match: `Host(\`${name}.${HOST}\`)` }], tls: { secretName: name } };
      api.put('/apis/traefik.io/v1alpha1/ingressroutes', { metadata: metadata(name, 'shop'), spec });
    }
    api.put('/api/v1/services', {
      metadata: metadata('traefik', 'edge'),
      spec: { selector: labels, ports: [{ name: 'websecure', port: 443, targetPort: 'websecure' }] },
    });
    api.put('/api/v1/pods', {
      metadata: metadata('traefik-1', 'edge'),
      spec: { containers: [{ image: 'traefik:v3.7.13', ports: [{ name: 'websecure', containerPort: port }] }] },
      status: { podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
    });
    api.put('/apis/traefik.io/v1alpha1/tlsstores', {
      ...{ metadata: metadata('default', 'edge'), spec: { defaultCertificate: { secretName: 'fallback' } } },
    });
    const data = { 'tls.crt': Buffer.from(good.certificate).toString('base64') };
    api.put('/api/v1/secrets', { metadata: metadata('web', 'shop'), data });
    for (const name of TRAEFIK_KINDS) {
      const spec = { description: 'https://doc.traefik.io/traefik/v3.7/' };
      api.put('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', { metadata: { name }, spec });
    }

    for (const namespaces of [undefined, ['shop']]) {
      const chart = chartOf('monitoring');
      new EdgeVerification(chart, 'verification', {
        image: 'registry.example.com/traefik-ha:0.1.0',
        ...{
          service: { namespace: 'edge', name: 'traefik' },
          secrets: [{ namespace: 'shop', name: 'web' }],
          namespaces,
        },
      });
      const objects = accepted(chart);
      const [{ args }] = only(objects, 'CronJob').spec.jobTemplate.spec.template.spec.containers;
      const permitted = new Set(objects.flatMap(pathsOf));
      api.asked.splice(0);
      const { status, stdout } = await verifyByCli('--kubeconfig=kubeconfig', ...args.slice(2));
      const asked = new Set(api.asked);
      expect([...asked].filter((path) => !permitted.has(path))).toEqual([]);
      expect([status, stdout]).toEqual([0, expect.stringContaining('checks{status="ok"} 2')]);
      // Default stores are asked only where a route has no Secret of its own.
      const unasked = [...permitted].filter((path) => !asked.has(path) && !path.endsWith('/tlsstores'));
      expect(unasked).toEqual([]);
    }
  });

  test('--watch goes on while the API server is away', async () => {
    const renewed = authority.issue({ names: [HOST], from: -0.001 });
    const server = await servers.tls(authority.issue({ names: [HOST], from: -40 }));
    const spec = { routes: [{ match: `Host(\`${HOST}\`)` }], tls: { secretName: 'web' } };
    api.put('/apis/traefik.io/v1alpha1/ingressroutes', { metadata: { name: 'web', namespace: 'shop' }, spec });
    const data = { 'tls.crt': Buffer.from(renewed.certificate).toString('base64') };
    api.put('/api/v1/secrets', { metadata: { name: 'web', namespace: 'shop' }, data });
    const args = ['--kubeconfig', 'kubeconfig', '--nodes', at(server.port), '--watch', '--interval', '0.3s'];
    const watching = verifyByCli(...args);
    await untilAsked(3);
    api.refused.push({ matching: /ingressroutes/, status: 503 });
    await untilAsked(3);
    api.refused.splice(0);
    server.setSecureContext({ cert: renewed.certificate, key: renewed.key });
    const { status, stderr } = await watching;
    expect([status, stderr.trim().split('\n')]).toEqual([
      0,
      [
        expect.stringContaining(`0 of 1 serve the newest certificate; waiting for ${HOST}`),
        expect.stringMatching(/ asked again: VERIFY-08 \[cluster\] .*503/),
        expect.stringContaining('1 of 1 serve the newest certificate'),
      ],
    ]);

    /** Waits until routes were asked for so many times more. */
    async function untilAsked(times: number): Promise<void> {
      const count = () => api.asked.filter((path) => path.includes('ingressroutes')).length;
      const wanted = count() + times;
      while (count() < wanted) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });

  test('one that refuses, and one that is not there', async () => {
    api.refused.push({ matching: /ingressroutes/, status: 403 });
    const config = readFileSync('kubeconfig', 'utf8');
    file('program.json', config.replace('"token":"secret"', '"exec":{"command":"no-such-program"}'));
    file('gone.json', config.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${await servers.free()}`));
    const [refused, gone, ...none] = await Promise.all(
      ['kubeconfig', 'gone.json', 'missing', 'program.json'].map((name) => verifyByCli('--kubeconfig', name)),
    );
    expect([refused?.status, refused?.stderr]).toEqual([
      3,
      'VERIFY-08 [cluster] the API server does not tell: refused with 403 (403). Permit what docs/verify.md lists\n',
    ]);
    expect([gone?.status, gone?.stderr]).toEqual([
      3,
      expect.stringMatching(/^VERIFY-08 \[cluster\] the API server does not tell: .*ECONNREFUSED.*\n$/),
    ]);
    const nowhere = await cli.run(['verify', '--cluster'], { HOME: folder, USERPROFILE: folder });
    expect(nowhere).toMatchObject({
      ...{ status: 3, stdout: '' },
      stderr: 'traefik-ha verify: no way to an API server (there is no kubeconfig). Give --kubeconfig\n',
    });
    for (const { status, stderr } of none) {
      expect([status, stderr.split('\n').length]).toEqual([3, 2]);
      expect(stderr).toMatch(/^traefik-ha verify: no way to an API server \(.*\)\. Give --kubeconfig\n$/);
    }
  });
});
