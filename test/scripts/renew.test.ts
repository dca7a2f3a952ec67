import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ConsulServer } from '../support/consul-server';
import { type Environment, Workshop } from '../support/scripts';

let workshop: Workshop;
let consul: ConsulServer;
let traefik: Server;
/** The rules of the routers that the API tells; undefined for none at all. */
let rules: readonly string[] | undefined;
/** Of TCP, with whether their connections are passed on as they are. */
let tcpRules: Readonly<Record<string, boolean>>;
let env: Environment;

/** Leaves what lego 4 leaves, for tests of what is asked of it; the real one is in the proofs with real servers. */
const LEGO = `#!/bin/sh
echo "$*" >>"$ORDERS"
echo "dns=$SOME_DNS_TOKEN ca=$LEGO_CA_CERTIFICATES" >>"$ORDERS.env"
for word in "$@"; do
  case $last in --path) path=$word ;; --domains) first=\${first:-$word} ;; esac
  last=$word
done
mkdir -p "$path/accounts/ca/ops/keys" "$path/certificates"
[ -e "$path/accounts/ca/ops/account.json" ] || echo new >>"$ORDERS.accounts"
echo '{}' >"$path/accounts/ca/ops/account.json"
file="$path/certificates/$(echo "$first" | tr '*' _)"
case " $FAIL " in *" $first "*) echo "one
acme: error: 429 :: \\"limit\\" $ERROR" >&2; echo broken >"$file.key"; exit 1 ;; esac
sleep \${ORDER_TAKES:-0}
openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj "/CN=$first" -days "\${DAYS:-90}" \\
  -addext "subjectAltName=DNS:$first" -keyout "$file.key" -out "$file.crt" 2>/dev/null
cp "$file.crt" "$file.issuer.crt"
`;

/** Tells a time that is later by LATER seconds. */
const DATE = `#!/bin/sh
if [ "$*" = +%s ]; then echo $(($(/bin/date +%s) + \${LATER:-0})); else exec /bin/date "$@"; fi
`;

const DAY = 86_400;

beforeEach(async () => {
  workshop = new Workshop();
  consul = await new ConsulServer().listen();
  rules = undefined;
  tcpRules = {};
  traefik = createServer((request, response) => {
    const router = (rule: string, tls: object) => ({ entryPoints: ['websecure'], rule, tls, status: 'enabled' });
    const routers: Record<string, object[] | undefined> = {
      '/api/http/routers?per_page=10000': rules?.map((rule) => router(rule, {})),
      '/api/tcp/routers?per_page=10000': Object.entries(tcpRules).map(([rule, passthrough]) =>
        router(rule, { passthrough }),
      ),
    };
    const told = routers[request.url ?? ''];
    if (told === undefined) return response.writeHead(503).end();
    // As Go writes JSON.
    return response.end(JSON.stringify(told).replaceAll('&', '\\u0026'));
  });
  await new Promise<void>((resolve) => traefik.listen(0, '127.0.0.1', resolve));
  workshop.program('bin/lego', LEGO);
  workshop.program('bin/date', DATE);
  workshop.file('state/.keep');
  workshop.file('shared/.keep');
  workshop.file('certificates', '# those that are declared\nwww www.example.com example.com\nall *.shop.example.com\n');
  env = {
    ...{ PATH: `${workshop.path('bin')}:${process.env.PATH}`, ORDERS: workshop.path('orders') },
    ...{ STATE_DIR: workshop.path('state'), CERTIFICATES_FILE: workshop.path('certificates') },
    ...{ ACME_SERVER: 'https://ca/dir', ACME_EMAIL: 'ops@example.com', DNS_PROVIDER: 'route53' },
    ...{ PUBLISH_TO: 'kv', PUBLISHER_NAME: 'edge', KV_STORE: 'consul', KV_ENDPOINT: consul.address },
    ...{ RECONCILE_INTERVAL_SECONDS: '0' },
  };
});

afterEach(() => {
  consul.close();
  traefik.close();
  workshop.remove();
});

const renew = (more: Environment = {}) => workshop.run('renew.sh', { ...env, ...more });
const orders = () => (existsSync(workshop.path('orders')) ? workshop.read('orders').trimEnd().split('\n') : []);
const published = () =>
  [...consul.entries.keys()]
    .map((key) => /^traefik\/tls\/certificates\/(.+)\/certFile$/.exec(key)?.[1])
    .filter(Boolean);
const api = () => `http://127.0.0.1:${(traefik.address() as AddressInfo).port}/api/`;
const toFiles = () => ({ PUBLISH_TO: 'files', SHARED_DIR: workshop.path('shared'), SHARED_DIR_OF_TRAEFIK: '/certs' });

test('what is asked of lego, and what is published; a second run does nothing', async () => {
  const more = { SOME_DNS_TOKEN: 'x', ACME_CA_FILE: '/ca.pem', ACME_ARGUMENTS: '--dns.disable-cp' };
  const { status, output } = await renew(more);
  expect(status).toBe(0);
  const path = join(workshop.path('state'), '.tmp.order');
  const common = `--accept-tos --path ${path} --server https://ca/dir --email ops@example.com --dns route53 --dns.disable-cp`;
  expect(orders()).toEqual([
    `${common} --domains www.example.com --domains example.com run`,
    `${common} --domains *.shop.example.com run`,
  ]);
  expect(workshop.read('orders.env')).toBe('dns=x ca=/ca.pem\n'.repeat(2));
  expect(workshop.read('orders.accounts')).toBe('new\n');
  expect(published()).toEqual(['www', 'all']);
  expect(output).toMatch(
    /event=ordering certificate=www why=missing\n[^\n]+event=ordered certificate=www domains="www/,
  );
  const before = Object.fromEntries(consul.entries);
  expect((await renew(more)).output).toMatch(/^[^\n]+event=started client=lego publish=kv\n$/);
  expect(orders()).toHaveLength(2);
  expect(Object.fromEntries(consul.entries)).toEqual(before);
  consul.entries.clear();
  await renew(more);
  expect(Object.fromEntries(consul.entries)).toEqual(before);
  expect(orders()).toHaveLength(2);
});

test('renewed for expiry, by days or by a third of the lifetime, and for other domains', async () => {
  workshop.file('certificates', 'www www.example.com\n');
  const after = (days: number) => renew({ LATER: String(Math.round(days * DAY)) });
  await renew({ DAYS: '90' });
  expect((await after(59.9)).output).not.toContain('ordering');
  const old = consul.entries.get('traefik/tls/certificates/www/certFile');
  expect((await after(60.1)).output).toContain('event=ordering certificate=www why=expiry');
  expect(consul.entries.get('traefik/tls/certificates/www/certFile')).not.toBe(old);
  workshop.file('certificates', 'www www.example.com example.com\n');
  expect((await renew({ DAYS: '6' })).output).toContain('why=domains');
  expect((await after(3.9)).output).not.toContain('ordering');
  expect((await after(4.1)).output).toContain('why=expiry');
  expect(orders()).toHaveLength(4);
});

test('a failed order is paused, longer each time, and the others go on', async () => {
  const FAIL = 'www.example.com';
  const first = await renew({ FAIL });
  expect(first.status).toBe(1);
  expect(first.output).toMatch(
    /event=order-failed certificate=www status=1 message="one acme: error: 429 :: 'limit' ?"\n[\s\S]+event=ordered certificate=all/,
  );
  expect(published()).toEqual(['all']);
  expect((await renew({ FAIL })).output).not.toContain('ordering');
  const pauses: number[] = [];
  let later = 0;
  for (let at = 0; at < 11; at++) {
    const [, seconds = 0] = workshop.read('state/retries/www').split(' ').map(Number);
    pauses.push(seconds);
    later += seconds;
    expect((await renew({ FAIL, LATER: String(later - 20) })).output).not.toContain('certificate=www');
    later += 20;
    expect((await renew({ FAIL, LATER: String(later) })).output).toContain('event=order-failed certificate=www');
  }
  expect(pauses).toEqual([300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 76800, 86400, 86400]);
  workshop.file('state/retries/www', 'garbage');
  expect((await renew()).status).toBe(0);
  expect(existsSync(workshop.path('state/retries/www'))).toBe(false);
  expect(published().sort()).toEqual(['all', 'www']);
}, 120_000);

test('an account that the server forgot is made anew', async () => {
  const ERROR = 'urn:ietf:params:acme:error:accountDoesNotExist';
  await renew();
  await renew();
  expect(workshop.read('orders.accounts')).toBe('new\n');
  workshop.file('certificates', 'www www.example.com\nmore more.example.com\n');
  await renew({ FAIL: 'more.example.com', ERROR });
  await renew({ LATER: '301' });
  expect(workshop.read('orders.accounts')).toBe('new\nnew\n');
  expect(published()).toContain('more');
});

test('hosts of running routers get certificates: within the zones, none that is covered or excluded', async () => {
  const more = { TRAEFIK_API: api(), ZONES: 'example.com other.org', DNS_PROVIDER: '' };
  rules = [
    'Host(`new.example.com`) && PathPrefix(`/x`)',
    'HostRegexp(`^.+$`) || Host("Upper.Other.org")',
    '(Host(`two.example.com`, `three.example.com`)) && !Host(`not.example.com`) && ! Host(`nor.example.com`)',
    'Host(`group.example.com`) && !(Host(`ingroup.example.com`) || Path(`/`))',
    'Host(`www.example.com`)',
    'Host(`a.shop.example.com`)',
    'Host(`a.b.shop.example.com`)',
    'Host(`foreign.net`) || Host(`fakeexample.com`) || Host(`localhost`) || Host(`*.example.com`)',
    'HostSNI(`sni.example.com`) || XHost(`x.example.com`)',
    'Host(`{{evil}}.example.com`) || Host(`ex ample.com`) || Host(`-d.example.com`) || Host(`../etc.example.com`)',
  ];
  await renew(more);
  const found = ['a.b.shop.example.com', 'new.example.com', 'three.example.com', 'two.example.com', 'upper.other.org'];
  expect(published().sort()).toEqual(['all', 'www', ...found].sort());
  // An API that does not answer, and routers that are gone for a while, change nothing.
  const before = Object.fromEntries(consul.entries);
  rules = undefined;
  expect((await renew(more)).output).toContain('event=routers-unknown');
  expect(Object.fromEntries(consul.entries)).toEqual(before);
  rules = ['Host(`new.example.com`)'];
  await renew(more);
  expect(Object.fromEntries(consul.entries)).toEqual(before);
  // Later they are withdrawn, but for the one that is still there.
  const later = { ...more, LATER: String(8 * DAY) };
  await renew(later);
  expect(published().sort()).toEqual(['all', 'new.example.com', 'www']);
  // Back again, it is served with the certificate that it had.
  const count = orders().length;
  rules = ['Host(`new.example.com`)', 'Host(`two.example.com`)'];
  await renew(later);
  expect(published()).toContain('two.example.com');
  expect(orders()).toHaveLength(count);
}, 60_000);

test('hosts of routers over TCP get certificates, unless their connections are passed on', async () => {
  rules = ['Host(`a.example.com`)'];
  tcpRules = {
    'HostSNI(`passed.example.com`) && ALPN(`h2`)': true,
    'HostSNI(`db.example.com`) && !HostSNI(`not.example.com`)': false,
    'HostSNI(`*`) || Host(`none.example.com`)': false,
  };
  await renew({ TRAEFIK_API: api(), ZONES: 'example.com' });
  expect(published().sort()).toEqual(['a.example.com', 'all', 'db.example.com', 'www']);
});

test('published as files: a new folder, the configuration last, old folders after a while', async () => {
  await renew(toFiles());
  const configuration = () => workshop.read('shared/certificates.yml');
  const inUse = () => /^# folder: (.+)/.exec(configuration())?.[1] ?? '';
  const folders = () => readdirSync(workshop.path('shared')).filter((name) => /^\d/.test(name));
  const folder = inUse();
  expect(configuration()).toBe(
    `# folder: ${folder}\ntls:\n  certificates:\n` +
      ['all', 'www']
        .map(
          (name) => `    - certFile: "/certs/${folder}/${name}.crt"\n      keyFile: "/certs/${folder}/${name}.key"\n`,
        )
        .join(''),
  );
  const certificate = () => new X509Certificate(workshop.read(`shared/${inUse()}/www.crt`));
  expect(certificate().subject).toBe('CN=www.example.com');
  await renew(toFiles());
  expect(inUse()).toBe(folder);
  // Without its state it orders anew; what can't be had then goes on being served.
  const { serialNumber } = certificate();
  workshop.forget('state');
  workshop.file('state/.keep');
  await renew({ ...toFiles(), FAIL: 'www.example.com' });
  expect(inUse()).not.toBe(folder);
  expect(certificate().serialNumber).toBe(serialNumber);
  // A file that somebody damaged is written anew.
  await renew({ ...toFiles(), LATER: '301' });
  const damaged = inUse();
  workshop.file(`shared/${damaged}/www.key`, 'damaged');
  await renew({ ...toFiles(), LATER: '400' });
  expect(inUse()).not.toBe(damaged);
  expect(workshop.read(`shared/${inUse()}/www.key`)).toContain('PRIVATE KEY');
  // What nothing refers to is removed an hour later.
  await renew({ ...toFiles(), LATER: '3500' });
  expect(folders()).toContain(folder);
  await renew({ ...toFiles(), LATER: '4100' });
  expect(folders()).toEqual([inUse()]);
}, 60_000);

test('two at once never order at the same time, and the second goes on when the first ends', async () => {
  workshop.file('certificates', 'www www.example.com\n');
  const first = workshop.start('renew.sh', { ...env, ORDER_TAKES: '1', RECONCILE_INTERVAL_SECONDS: '60' });
  await first.until(/event=ordering/);
  const second = workshop.start('renew.sh', env);
  await second.until(/event=waiting message="another renewer is at work"/);
  await first.until(/event=published/);
  expect(second.output).not.toContain('started');
  const began = Date.now();
  first.signal('SIGTERM');
  expect((await first.ended).status).toBe(143);
  expect(Date.now() - began).toBeLessThan(1000);
  expect((await second.ended).output).toMatch(/event=started/);
  expect(orders()).toHaveLength(1);
});

test('a renewer that waits, and one that orders, end within a second of a TERM', async () => {
  const first = workshop.start('renew.sh', { ...env, ORDER_TAKES: '30' });
  await first.until(/event=ordering/);
  const second = workshop.start('renew.sh', env);
  await second.until(/event=waiting/);
  for (const each of [second, first]) {
    const began = Date.now();
    each.signal('SIGTERM');
    expect((await each.ended).status).toBe(143);
    expect(Date.now() - began).toBeLessThan(1000);
  }
});

test.each([
  [{ ACME_EMAIL: '' }, 'ACME_EMAIL is empty: lego 4 makes no account without one'],
  [{ ACME_CLIENT: 'acme.sh' }, 'ACME_CLIENT is lego or certbot, not acme.sh'],
  [{ STATE_DIR: '/nowhere' }, 'STATE_DIR /nowhere is no folder'],
  [{ CERTIFICATES_FILE: '/nowhere' }, 'CERTIFICATES_FILE /nowhere cannot be read'],
  [{ ACME_SERVER: '' }, 'ACME_SERVER is empty'],
  [{ PUBLISH_TO: '' }, 'PUBLISH_TO is kv or files, not empty'],
  [{ PUBLISHER_NAME: '' }, 'PUBLISHER_NAME is empty'],
  [{ PUBLISH_TO: 'files', SHARED_DIR: '/nowhere' }, 'SHARED_DIR /nowhere is no folder'],
])('%j is refused', async (more, message) => {
  const { status, output } = await renew(more);
  expect([status, output]).toEqual([2, expect.stringContaining(`event=settings message="${message}"`)]);
});
