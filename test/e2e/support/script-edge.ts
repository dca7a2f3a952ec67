import { KvStore } from '../../../lib';
import { kvProviderArguments } from '../../../lib/model/kv-provider';
import { tlsBaseline } from '../../../lib/traefik/tls-option';
import { type Environment, newPair, type Pair, type RunningScript, TOOLS, type Workshop } from '../../support/scripts';
import { runNow } from '../lab/command';
import { program } from '../lab/parts';
import type { Server } from '../lab/processes';
import { pathOf } from '../lab/requirements';
import { until } from '../lab/wait';
import type { Loopback } from './loopback';
import { type Pairs, pairsIn, pairsOf } from './pairs';
import { freePorts } from './ports';
import { Etcd } from './stores';
import { handshake, serves, Watch } from './watch';

/** The host that clients ask for. */
const HOST = 'www.example.com';

/** A way from the renewer to Traefik. */
export interface Front {
  readonly name: string;
  /** What the renewer is told of it; each has a state of its own. */
  readonly env: Environment;
  readonly stateDir: string;
  readonly port: number;
  /** What Traefik would read now; a half of a pair throws. */
  readonly pairs: () => Promise<Pairs>;
}

/**
 * Two instances of Traefik, one that reads a store and one that reads a folder by traefik.sh, both with the library's own
 * TLS defaults; the folder and the renewer's state are on small file systems, as volumes are.
 */
export class ScriptEdge {
  public readonly workshop: Workshop;
  public readonly etcd: Etcd;
  private ports: number[] = [];
  private ofStore: Server | undefined;
  private ofFolder: RunningScript | undefined;

  public constructor(private readonly host: Loopback) {
    this.workshop = host.workshop();
    this.etcd = new Etcd(host, 'etcd-of-edge', false);
    for (const folder of ['state-kv', 'state', 'dynamic/served']) {
      this.workshop.file(`${folder}/.keep`);
      runNow(['mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', this.workshop.path(folder)]);
    }
    for (const folder of ['edge', 'dynamic']) {
      this.workshop.file(`${folder}/edge.yml`, JSON.stringify({ tls: { options: { default: tlsBaseline({}) } } }));
    }
    this.workshop.program('bin/traefik', `#!/bin/sh\nexec ${program('traefik')} "$@"\n`);
    this.workshop.program('fixed/lego', FIXED_LEGO);
    this.workshop.program('later/date', DATE);
    this.workshop.file('seconds-later', '0');
  }

  public async start(): Promise<void> {
    this.ports = await freePorts(2);
    await this.etcd.start();
    this.startTraefik();
    const options = { RELOAD_DIR: this.workshop.path('dynamic/served'), RELOAD_INTERVAL_SECONDS: '0.5' };
    const PATH = `${this.workshop.path('bin')}:${process.env.PATH}`;
    const directory = [`--providers.file.directory=${this.workshop.path('dynamic')}`, '--providers.file.watch=false'];
    this.ofFolder = this.workshop.start('traefik.sh', { PATH, ...options }, [
      ...directory,
      ...traefikArguments(this.files.port),
    ]);
    await Promise.all(
      this.fronts.map(({ name, port }) =>
        until(`the Traefik of ${name}`, { seconds: 60 }, async () => (await handshake(HOST, port)) !== 'away'),
      ),
    );
  }

  /** Ends the instance that reads the store, and starts it anew. */
  public async restartTraefik(): Promise<void> {
    await this.ofStore?.stop();
    this.startTraefik();
  }

  private startTraefik(): void {
    const none = () => {
      throw new Error('no credentials');
    };
    this.ofStore = this.host.processes.start('traefik-of-store', [
      ...[program('traefik'), `--providers.file.directory=${this.workshop.path('edge')}`],
      ...kvProviderArguments(KvStore.etcd({ endpoints: [this.etcd.endpoint] }), { credential: none, file: none }),
      ...traefikArguments(this.store.port),
    ]);
  }

  /** What traefik.sh said. */
  public get said(): string {
    return this.ofFolder?.output ?? '';
  }

  public get store(): Front {
    const [port = 0] = this.ports;
    const published = { PUBLISH_TO: 'kv', PUBLISHER_NAME: 'edge', KV_STORE: 'etcd', KV_ENDPOINT: this.etcd.http };
    return {
      ...{ name: 'the store', port, stateDir: this.workshop.path('state-kv') },
      env: this.env('state-kv', published),
      pairs: async () => pairsOf(await this.etcd.entries()),
    };
  }

  public get files(): Front {
    const [, port = 0] = this.ports;
    const SHARED_DIR = this.workshop.path('dynamic/served');
    return {
      ...{ name: 'the shared folder', port, stateDir: this.workshop.path('state') },
      env: this.env('state', { PUBLISH_TO: 'files', SHARED_DIR, UNUSED_SECONDS: '20' }),
      pairs: async () => pairsIn(SHARED_DIR),
    };
  }

  public get fronts(): readonly Front[] {
    return [this.store, this.files];
  }

  private env(state: string, publishing: Environment): Environment {
    return {
      ...this.host.renewing(this.workshop),
      ...{ STATE_DIR: this.workshop.path(state), CERTIFICATES_FILE: this.workshop.path(`${state}-certificates`) },
      ...{ RETRY_SECONDS: '1', PREPARED: this.workshop.path(`${state}-next`) },
      ...publishing,
    };
  }

  /** Declares the one certificate of a front. */
  public declare({ env }: Front, ...domains: string[]): void {
    const name = (env.CERTIFICATES_FILE ?? '').slice(this.workshop.folder.length + 1);
    this.workshop.file(name, `www ${domains.join(' ')}\n`);
  }

  /** What the fixed lego leaves from now on. */
  public prepare({ env }: Front, pair: Pair = newPair(HOST)): Pair {
    const name = (env.PREPARED ?? '').slice(this.workshop.folder.length + 1);
    this.workshop.file(`${name}/crt`, pair.certificate);
    this.workshop.file(`${name}/key`, pair.key);
    return pair;
  }

  /** A PATH with a lego that leaves what was prepared: for faults after which the order matters no more. */
  public get fixedLego(): Environment {
    return { PATH: `${this.workshop.path('fixed')}:${process.env.PATH}` };
  }

  /** The shell and the tools of busybox one by one, and a clock that the test puts forward. */
  public startLater(env: Environment): RunningScript {
    const PATH = `${this.workshop.path('later')}:${process.env.PATH}`;
    const more = { PATH, SECONDS_LATER: this.workshop.path('seconds-later') };
    return this.workshop.startCommand(['sh', this.workshop.path('scripts/renew.sh')], { ...env, ...more });
  }

  public later(seconds: number): void {
    this.workshop.file('seconds-later', String(seconds));
  }

  /**
   * Runs the renewer with its programs counted, those that change what outlives it, and kills all of it before the one
   * with the number. The programs do this, not the script.
   */
  public killedAt(step: number, { env, stateDir }: Front): RunningScript {
    const name = `counting-${stateDir.split('/').at(-1)}`;
    const counter = this.workshop.file(`${name}/counter`, '0');
    const applets = runNow(['busybox', '--list']).stdout.split('\n');
    const real = (tool: string) => {
      if (tool === 'lego') return this.workshop.path('fixed/lego');
      return applets.includes(tool) && tool !== 'sh' ? `${pathOf('busybox')} ${tool}` : pathOf(tool);
    };
    const count = `read n <'${counter}'; n=$((n + 1)); echo $n >'${counter}'; [ $n != $KILL_AT ] || kill -9 0`;
    // What works on the script's own files alone leaves nothing.
    const words = `"$* $(${pathOf('busybox')} readlink /proc/$$/fd/1)"`;
    const outside = `case ${words} in *"$STATE_DIR"* | *"\${SHARED_DIR:-$STATE_DIR}"*)`;
    for (const tool of [...TOOLS, 'curl', 'lego']) {
      const counted = REACHING_OUT.includes(tool)
        ? count
        : CHANGING.includes(tool)
          ? `${outside} ${count} ;; esac`
          : '';
      // Between what a store has done and that we know of it lies a step, too.
      const after = tool === 'curl' ? `status=$?; ${count}; exit $status` : '';
      this.workshop.program(`${name}/${tool}`, `#!/bin/sh\n${counted}\n${real(tool)} "$@"\n${after}\n`);
    }
    const more = { PATH: this.workshop.path(name), KILL_AT: String(step) };
    return this.workshop.startCommand(['sh', this.workshop.path('scripts/renew.sh')], { ...env, ...more });
  }

  public renew({ env }: Front, more: Environment = {}) {
    return this.workshop.run('renew.sh', { ...env, ...more });
  }

  public startRenewing({ env }: Front, more: Environment = {}): RunningScript {
    return this.workshop.start('renew.sh', { ...env, RECONCILE_INTERVAL_SECONDS: '1', ...more });
  }

  public watch({ port, pairs }: Front): Watch {
    return new Watch(HOST, port, pairs);
  }

  public served({ port, name }: Front, pair: Pair | undefined, seconds = 30): Promise<boolean> {
    if (pair === undefined) throw new Error(`nothing was published to ${name}`);
    return until(`${name} serves it`, { seconds, everyMs: 50 }, () => serves(HOST, port, pair));
  }
}

/** What changes files, and what speaks with others. */
const CHANGING = ['cat', 'cp', 'head', 'mkdir', 'mv', 'rm', 'sync'];
const REACHING_OUT = ['curl', 'flock', 'lego'];

function traefikArguments(port: number): string[] {
  return [
    ...[`--entryPoints.websecure.address=127.0.0.1:${port}`, '--entryPoints.websecure.http.tls=true'],
    ...['--log.level=INFO', '--global.checkNewVersion=false', '--global.sendAnonymousUsage=false'],
  ];
}

/** Leaves what lego 4 leaves, from files that are there. */
const FIXED_LEGO = `#!/bin/sh
for word in "$@"; do
  case $last in --path) path=$word ;; --domains) first=\${first:-$word} ;; esac
  last=$word
done
mkdir -p "$path/accounts/ca/ops" "$path/certificates"
echo '{}' >"$path/accounts/ca/ops/account.json"
cp "$PREPARED/crt" "$path/certificates/$first.crt"
cp "$PREPARED/key" "$path/certificates/$first.key"
`;

const DATE = `#!/bin/sh
if [ "$*" = +%s ]; then
  read -r later <"$SECONDS_LATER"
  echo $(($(/bin/date +%s) + later))
else
  exec /bin/date "$@"
fi
`;
