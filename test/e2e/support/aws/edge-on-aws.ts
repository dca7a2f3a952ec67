import type { App } from 'cdk8s';
import { filesOf, type Manifest, objectsOf } from '../../../support/synthesize';
import { until } from '../../lab/wait';
import { type Principal, principalsOf } from './accounts';
import type { AwsLab, Running } from './aws-lab';

/** The load balancer that AWS made for the edge, and the zone of its name. */
export const LOAD_BALANCER = 'k8s-edge-traefik-0123456789-0123456789abcdef.elb.eu-central-1.amazonaws.com';
const TRAEFIK = ['service', 'traefik', 'edge'] as const;

/** What an edge in the lab has that others have not. */
export interface EdgeOptions {
  /** Makes a mistake in what is written. */
  readonly change?: (path: string, text: string) => string;
  /** Keeps cert-manager from looking for what it wrote in DNS, and from waiting for a minute when it sees it. */
  readonly quick?: boolean;
  /** Attaches the policies to others than those that they are emitted for. */
  readonly attach?: (emitted: readonly Principal[]) => Principal[];
  /** Leaves out files of others, such as those of another cluster. */
  readonly only?: (path: string) => boolean;
}

/** An example in the lab: its objects at the API server, its policies at AWS, and the programs that use them. */
export class EdgeOnAws {
  public readonly files: Readonly<Record<string, string>>;
  public readonly objects: readonly Manifest[];
  public readonly principals: readonly Principal[];
  private readonly programs: Running[] = [];

  public constructor(
    private readonly lab: AwsLab,
    build: (app: App) => void,
    { change = (_, text) => text, quick = false, attach, only = () => true }: EdgeOptions = {},
  ) {
    const written = Object.entries(filesOf(build)).filter(([path]) => only(path));
    this.files = Object.fromEntries(written.map(([path, text]) => [path, change(path, text)]));
    this.objects = objectsOf(this.files).map((object) => (quick ? withoutSelfCheck(object) : object));
    const emitted = principalsOf(this.files);
    this.principals = attach?.(emitted) ?? emitted;
  }

  /** Applies it, plays with it, and takes it away again however that ended. */
  public async play(played: () => Promise<void>): Promise<void> {
    try {
      await this.apply();
      await played();
    } finally {
      await this.remove();
    }
  }

  public async certManager(): Promise<Running> {
    return this.keep(await this.lab.certManager());
  }

  public async externalDns(name = 'external-dns'): Promise<Running> {
    return this.keep(await this.lab.externalDns(this.object('Deployment', name)));
  }

  public object(kind: string, name: string): Manifest {
    const found = this.objects.find((one) => one.kind === kind && one.metadata.name === name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  }

  /** Waits until every Certificate is Ready, and says how many there are. */
  public async certified(seconds = 120): Promise<number> {
    const wanted = this.objects.filter(({ kind }) => kind === 'Certificate');
    for (const { metadata } of wanted) {
      await until(`the certificate ${metadata.name}`, { seconds, everyMs: 500 }, async () => {
        const { status } = await this.lab.kubectl.get('certificate', metadata.name, metadata.namespace);
        return status?.conditions?.some((one: Record<string, string>) => one.type === 'Ready' && one.status === 'True');
      });
    }
    return wanted.length;
  }

  /** Applies all of it, strictly and without a warning, for a load balancer that AWS made. */
  private async apply(): Promise<void> {
    this.lab.api.grant(this.principals);
    const { stderr, stdout } = await this.lab.kubectl.apply(this.objects);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(this.objects.length);
    await this.lab.kubectl.patch(
      ...TRAEFIK,
      { status: { loadBalancer: { ingress: [{ hostname: LOAD_BALANCER }] } } },
      'status',
    );
  }

  /** Ends its programs, and takes its objects away. */
  private async remove(): Promise<void> {
    for (const program of this.programs.splice(0)) await program.stop();
    const { kubectl } = this.lab;
    await kubectl.delete([...this.objects].reverse(), ['--wait=false']);
    // Nobody is there any more who takes away what a challenge wrote.
    for (const { metadata } of await kubectl.list('challenges')) {
      await kubectl.patch('challenge', metadata.name, metadata.namespace, { metadata: { finalizers: [] } });
    }
    await until('its namespaces are gone', { seconds: 60 }, async () => {
      const left = (await kubectl.list('namespaces')).map(({ metadata }) => metadata.name);
      return !this.objects.some(({ kind, metadata }) => kind === 'Namespace' && left.includes(metadata.name));
    });
  }

  private keep(program: Running): Running {
    this.programs.push(program);
    return program;
  }
}

function withoutSelfCheck(object: Manifest): Manifest {
  if (object.kind !== 'ClusterIssuer') return object;
  const solvers = object.spec.acme.solvers.map((solver: object) => ({ ...solver, waitInsteadOfSelfCheck: '1s' }));
  return { ...object, spec: { acme: { ...object.spec.acme, solvers } } };
}
