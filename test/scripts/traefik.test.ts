import { join } from 'node:path';
import { newPair, Workshop } from '../support/scripts';

let workshop: Workshop;
let PATH: string;

beforeEach(() => {
  workshop = new Workshop();
  PATH = `${workshop.path('bin')}:${process.env.PATH}`;
  // Tells what it is given and which signals come, and ends as Traefik does.
  workshop.program(
    'bin/traefik',
    `#!${process.execPath}
process.stdout.write(JSON.stringify(process.argv.slice(2)) + '\\n');
process.on('SIGHUP', () => process.stdout.write('HUP\\n'));
process.on('SIGTERM', () => setTimeout(() => process.exit(7), 200));
process.stdout.write('listening\\n');
setInterval(() => {}, 1000);
`,
  );
});

afterEach(() => workshop.remove());

const reloading = () => ({ PATH, RELOAD_DIR: workshop.path('shared'), RELOAD_INTERVAL_SECONDS: '0.2' });

function configure(folder: string) {
  const shared = join(workshop.path('shared'), folder);
  workshop.file(
    'shared/certificates.yml',
    `tls:\n  certificates:\n    - certFile: "${shared}/www.crt"\n      keyFile: "${shared}/www.key"\n`,
  );
}

test('secrets become arguments, and Traefik takes the place of the script', async () => {
  const token = workshop.file('token', 's3cret word\n');
  const ARG_FILES = `--providers.consul.token=@${token}\n  --providers.redis.password=@${token}`;
  const running = workshop.start('traefik.sh', { PATH, ARG_FILES }, ['--ping', '--a=b c']);
  await running.until(/listening/);
  const secrets = ['--providers.consul.token=s3cret word', '--providers.redis.password=s3cret word'];
  expect(JSON.parse(running.output.split('\n')[0] ?? '')).toEqual(['--ping', '--a=b c', ...secrets]);
  process.kill(running.pid, 'SIGHUP');
  await running.until(/HUP/);
  running.signal('SIGTERM');
  expect((await running.ended).status).toBe(7);
});

test('a secret that is not there ends it', async () => {
  const { status, output } = await workshop.run('traefik.sh', { PATH, ARG_FILES: '--token=@/nowhere' });
  expect([status, output]).toEqual([2, expect.stringContaining('/nowhere')]);
});

test('TERM goes on to Traefik, whose status it ends with', async () => {
  workshop.file('shared/.keep');
  const running = workshop.start('traefik.sh', reloading());
  await running.until(/listening/);
  running.signal('SIGTERM');
  expect((await running.ended).status).toBe(7);
});

test('Traefik is told to read again when files changed, and once for each change', async () => {
  const { certificate, key } = newPair();
  workshop.file('shared/1/www.crt', certificate);
  workshop.file('shared/1/www.key', key);
  configure('1');
  const running = workshop.start('traefik.sh', reloading());
  await running.until(/listening/);
  workshop.file('shared/2/www.crt', certificate);
  workshop.file('shared/2/www.key', key);
  configure('2');
  await running.until(/HUP\n/);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(running.output.match(/HUP/g)).toHaveLength(1);
  running.signal('SIGTERM');
  await running.ended;
});

test('it is not told of a half-written pair until that is whole', async () => {
  const { certificate, key } = newPair();
  workshop.file('shared/1/www.crt', certificate);
  workshop.file('shared/1/www.key', key.slice(0, 100));
  const running = workshop.start('traefik.sh', reloading());
  await running.until(/listening/);
  configure('1');
  await running.until(/event=reload-refused message="\S+www.crt: the key is not whole"/);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(running.output).not.toContain('HUP');
  expect(running.output.match(/reload-refused/g)).toHaveLength(1);
  workshop.file('shared/1/www.key', key);
  await running.until(/HUP/);
  running.signal('SIGTERM');
  await running.ended;
});
