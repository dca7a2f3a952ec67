import type { App } from 'cdk8s';
import {
  AcmeServer,
  CertRenewer,
  EdgeApp,
  HostedZone,
  RenewerDns,
  SharedCertVolume,
  StackService,
  SwarmService,
  SwarmStack,
  type SwarmStackProps,
  SwarmTraefik,
  type SwarmTraefikProps,
} from 'traefik-ha';

/** What differs between production and a test swarm. */
export interface Environment {
  readonly server: AcmeServer;
  /** How challenges are answered. */
  readonly dnsProvider: RenewerDns;
  /** How often the renewer looks, if not every five minutes. */
  readonly reconcileSeconds?: number;
  /** Where certificates lie, seen alike by every node. */
  readonly volume: SharedCertVolume;
  readonly webImage: string;
  readonly phpImage: string;
  readonly stack?: Omit<SwarmStackProps, 'name'>;
  readonly traefik?: Pick<SwarmTraefikProps, 'version' | 'image' | 'socketProxyImage' | 'logLevel'>;
}

export function build(app: App, environment: Environment): void {
  const stack = new SwarmStack(app, 'edge', environment.stack);
  const traefik = new SwarmTraefik(stack, 'traefik', {
    sharedCertificates: environment.volume,
    middlewares: { compress: { compress: {} } },
    ...environment.traefik,
  });
  new CertRenewer(stack, 'renewer', {
    traefik,
    zones: [HostedZone.of('example.com')],
    email: 'ops@example.com',
    server: environment.server,
    dnsProvider: environment.dnsProvider,
    reconcileSeconds: environment.reconcileSeconds,
    publishTo: environment.volume,
  });

  const backend = stack.privateNetwork('backend');
  // The web server passes what is dynamic on to PHP, which nothing else reaches.
  new SwarmService(stack, 'web', {
    traefik,
    image: environment.webImage,
    routes: [{ host: ['example.com', 'www.example.com'], port: 8080, middlewares: ['compress'] }],
    networks: [backend],
  });
  new StackService(stack, 'php', {
    image: environment.phpImage,
    user: '82:82',
    read_only: true,
    cap_drop: ['ALL'],
    networks: { [backend]: {} },
    volumes: [{ type: 'tmpfs', target: '/tmp' }],
    deploy: {
      mode: 'replicated',
      replicas: 2,
      update_config: { parallelism: 1, order: 'start-first', failure_action: 'rollback' },
    },
  });
}

export const PRODUCTION: Environment = {
  server: AcmeServer.LETS_ENCRYPT_PRODUCTION,
  dnsProvider: RenewerDns.certbot('route53', { credentials: 'aws-credentials' }),
  volume: SharedCertVolume.gluster({ path: '/mnt/gluster/certificates' }),
  webImage: 'registry.example.com/web:2.7.0',
  phpImage: 'registry.example.com/php:2.7.0',
};

if (require.main === module) {
  const app = new EdgeApp();
  build(app, PRODUCTION);
  app.synth();
}
