import { Chart } from 'cdk8s';
import fc from 'fast-check';
import { CertManagerIssuer, ExistingTraefik, HostedZone, IngressRouteWithTls } from '../../../lib';
import type { RotaterSettingsProps } from '../../../lib/rotater/settings-props';
import { derivedBy, settingsOf } from '../../support/derive';
import { filesOf, type Manifest, objectsOf } from '../../support/synthesize';
import type { LiveObject } from '../lab/kubectl';
import { ADDRESSES } from '../lab/network';
import { sleep, until } from '../lab/wait';
import { type AuditEvent, requestsOf } from '../support/audit';
import { backendObjects, labNamespace } from '../support/backends';
import { MANY, manyRotater, manyRoutes, oneOfMany } from '../support/many';
import { isReady, type Stage } from '../support/stage';

/** The namespace of the example, and the name of the Deployment and ServiceAccount of every rotater here. */
const NAMESPACE = 'cert-rotater';
const ACCOUNT = 'cert-rotater';

/** The route of examples/rotater, which somebody else wrote. */
const ROUTE = 'my-ingress';
const HOST = 'www.example.com';
const SECRET = 'www-tls-certificate';

/** Routes that exist already, on a cluster whose edge is that of full-stack. */
export function rotater(stage: () => Stage): void {
  test('two instances are ready, side by side', async () => {
    const { kubectl, examples } = stage();
    await kubectl.apply(examples.rotater.lab);
    await kubectl.apply(examples.rotater.backends.flatMap(backendObjects));
    await rolledOut(stage(), NAMESPACE);
    expect(await readyPods(stage(), NAMESPACE)).toHaveLength(2);
  });

  test('from the route to HTTPS and DNS', async () => {
    const { client, kubectl, figures } = stage();
    const began = Date.now();
    await kubectl.apply([route()]);
    await until(
      'the objects of the route',
      { seconds: 30, everyMs: 50 },
      async () => (await derived(stage())).length === 2,
    );
    const derivedMs = Date.now() - began;
    await stage().certificateReady(`${ROUTE}-tls`, 'shop');
    await until('the record', { seconds: 90 }, async () => {
      return (await client.dns(HOST, 'A')).answers.includes(ADDRESSES.loadBalancer);
    });
    await stage().servedByAll(HOST, '/images');
    const seconds = Math.round((Date.now() - began) / 1000);
    figures.add({
      proof: 'Rotater',
      what: "a route of somebody else's is made",
      time: `${seconds} s until HTTPS and DNS, ${derivedMs} ms of these until its Certificate and DNSEndpoint`,
    });
  });

  test('its host changes, its Secret is dropped, it is deleted', async () => {
    const { kubectl } = stage();
    await kubectl.apply([route({ host: 'pictures.example.com' })]);
    await until('all is for the new host', { seconds: 30 }, async () => {
      const names = (await derived(stage())).flatMap(({ spec }) => namesIn(spec));
      return names.join() === 'pictures.example.com,pictures.example.com';
    });
    await kubectl.patch('ingressroute', ROUTE, 'shop', { spec: { tls: { secretName: null } } });
    await until('the certificate is gone, and the record stays', { seconds: 30 }, async () => {
      return (await derived(stage())).map(({ kind }) => kind).join() === 'DNSEndpoint';
    });
    await kubectl.apply([route({ annotations: { 'traefik-ha/ignore': 'dns' } })]);
    await until('the certificate is there, and the record is gone', { seconds: 30 }, async () => {
      return (await derived(stage())).map(({ kind }) => kind).join() === 'Certificate';
    });
    await kubectl.apply([route()]);
    await until('both are there again', { seconds: 30 }, async () => (await derived(stage())).length === 2);
    // Nobody but the garbage collector of the cluster is there to take them away.
    await scale(stage(), ACCOUNT, NAMESPACE, 0);
    await kubectl.delete([route()]);
    await until('both went with their owner', { seconds: 60 }, async () => (await derived(stage())).length === 0);
    await scale(stage(), ACCOUNT, NAMESPACE, 2);
  });

  test('what somebody else made under our name stays, and the route says so', async () => {
    const { kubectl } = stage();
    const foreign = {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: `${ROUTE}-tls`, namespace: 'shop' },
      spec: {
        secretName: 'theirs-tls',
        dnsNames: ['theirs.example.com'],
        issuerRef: { kind: 'ClusterIssuer', name: 'nobody' },
      },
    };
    try {
      await kubectl.apply([foreign]);
      await kubectl.apply([route()]);
      const events = await until('a warning on the route', { seconds: 30 }, async () => {
        const all = await kubectl.list('events.events.k8s.io', 'shop');
        const ours = all.filter(({ regarding }) => regarding?.name === ROUTE);
        return ours.length > 0 && ours;
      });
      // Both instances saw it, and it is said once.
      expect(events.map(({ type, reason, note }) => [type, reason, note])).toEqual([
        ['Warning', 'ROUTE-15', expect.stringContaining(`Certificate shop/${ROUTE}-tls`)],
      ]);
      const { spec } = await kubectl.get('certificate', `${ROUTE}-tls`, 'shop');
      expect(spec).toMatchObject(foreign.spec);
    } finally {
      await kubectl.delete([foreign, route()]);
    }
  });

  test('construct, filter and controller derive the same', async () => {
    const { kubectl } = stage();
    const namespaces = ['by-construct', 'by-filter', 'by-controller'] as const;
    const [byConstruct, byFilter, byController] = namespaces;
    const objects = Object.fromEntries(namespaces.map((namespace) => [namespace, constructed(namespace)]));
    const routesOf = (namespace: string) =>
      (objects[namespace] ?? []).filter(({ kind }) => kind.startsWith('IngressRoute'));
    // Nobody shall order all of these certificates.
    await scale(stage(), 'cert-manager', 'cert-manager', 0);
    try {
      await kubectl.apply(namespaces.map(labNamespace));
      await kubectl.apply(objects[byConstruct] ?? []);
      await kubectl.apply(derivedBy(settingsOf(SETTINGS), routesOf(byFilter)));
      await kubectl.apply(routesOf(byController));
      const wanted = await specsOf(stage(), byConstruct);
      const count = 2 * (3 + GENERATED.length);
      expect(Object.keys(wanted as object)).toHaveLength(count);
      expect(await specsOf(stage(), byFilter)).toEqual(wanted);
      await until('the controller has derived', { seconds: 30 }, async () => {
        return (await derived(stage(), byController)).length === count;
      });
      expect(await specsOf(stage(), byController)).toEqual(wanted);
    } finally {
      await kubectl.delete(namespaces.map(labNamespace));
      await scale(stage(), 'cert-manager', 'cert-manager', 1);
    }
  });

  test('both are killed amid a thousand routes, and finish when they are back; then nothing is written', async () => {
    const { kubectl, lab, figures } = stage();
    const { namespace, routes: count } = MANY;
    // Nobody shall order a thousand certificates.
    await scale(stage(), 'cert-manager', 'cert-manager', 0);
    try {
      await kubectl.apply([labNamespace(namespace), ...manyRotater()]);
      await rolledOut(stage(), namespace);
      const applied = kubectl.apply(manyRoutes(count));
      const amid = await until('some are derived', { seconds: 120, everyMs: 50 }, () => {
        const written = writes(stage(), namespace).length;
        return written > 100 && written;
      });
      for (const { metadata } of await allPods(stage(), namespace)) lab.killIn(metadata.uid, '/node');
      const began = Date.now();
      await applied;
      await until('all are derived', { seconds: 180, everyMs: 500 }, async () => {
        return (await derived(stage(), namespace)).length === 2 * count;
      });
      const seconds = Math.round((Date.now() - began) / 1000);
      await until('both were started again', { seconds: 60 }, async () => {
        const pods = await readyPods(stage(), namespace);
        return pods.length === 2 && pods.every(({ status }) => status.containerStatuses[0].restartCount === 1);
      });
      const withoutHosts = oneOfMany('0', 'PathPrefix(`/everywhere`)');
      await kubectl.apply([withoutHosts, oneOfMany('wrong', 'Host(`no host`)')]);
      await until('the objects of the route without hosts are gone', { seconds: 30 }, async () => {
        return (await derived(stage(), namespace)).length === 2 * count - 2;
      });
      // What the two wrote at once is settled.
      await sleep(5000);
      const before = writes(stage(), namespace).length;
      await sleep(30_000);
      expect(writes(stage(), namespace).slice(before)).toEqual([]);
      figures.add({
        proof: 'Rotater',
        what: `both instances killed when ${amid} of ${2 * count} objects were written`,
        time: `${seconds} s until all were there; no write in the 30 s after`,
      });
    } finally {
      await kubectl.delete(manyRotater().reverse());
      await kubectl.delete([labNamespace(namespace)]);
      await scale(stage(), 'cert-manager', 'cert-manager', 1);
    }
  });

  test('the API server is restarted: they live on, and take the next route', async () => {
    const { kubectl, lab, figures } = stage();
    const before = (await readyPods(stage(), NAMESPACE)).map(({ metadata }) => metadata.name);
    await lab.controlPlane.stopApiServer();
    await sleep(10_000);
    await lab.controlPlane.startApiServer();
    await lab.nodesReady();
    const began = Date.now();
    await until('the route is accepted', { seconds: 60 }, async () => (await kubectl.apply([route()])).status === 0);
    await until('its objects', { seconds: 60, everyMs: 50 }, async () => (await derived(stage())).length === 2);
    const seconds = Math.round((Date.now() - began) / 100) / 10;
    const pods = await readyPods(stage(), NAMESPACE);
    expect(pods.map(({ metadata }) => metadata.name)).toEqual(before);
    expect(pods.map(({ status }) => status.containerStatuses[0].restartCount)).toEqual([0, 0]);
    figures.add({
      proof: 'Rotater',
      what: 'the API server gone for 10 s',
      time: `${seconds} s until a new route has its objects`,
    });
    await kubectl.delete([route()]);
  });

  test('told to stop, an instance is gone within 5 s', async () => {
    const { lab } = stage();
    const [pod] = await readyPods(stage(), NAMESPACE);
    if (pod === undefined) throw new Error('no pod');
    const processes = () => lab.processesOf(pod.metadata.uid, '/node');
    const before = processes();
    expect(before).toHaveLength(1);
    for (const pid of before) process.kill(pid, 'SIGTERM');
    await until('its process is gone', { seconds: 5, everyMs: 20 }, () =>
      before.every((pid) => !processes().includes(pid)),
    );
    await rolledOut(stage(), NAMESPACE);
  });
}

/** The example's route, or one that differs in a thing. */
function route({
  host = HOST,
  tls = { secretName: SECRET },
  annotations = {},
}: {
  host?: string;
  tls?: object;
  annotations?: Record<string, string>;
} = {}): object {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name: ROUTE, namespace: 'shop', annotations },
    spec: {
      ingressClassName: 'traefik',
      entryPoints: ['websecure'],
      routes: [
        {
          kind: 'Rule',
          match: `Host(\`${host}\`) && PathPrefix(\`/images\`)`,
          services: [{ name: 'images', port: 80 }],
        },
      ],
      tls,
    },
  };
}

/** What the controller is given, as the filter is given it: the Service's address is asked of the cluster by neither. */
const SETTINGS: RotaterSettingsProps = {
  zones: ['example.com'],
  certificates: { issuer: { kind: 'ClusterIssuer', name: 'letsencrypt', letsEncrypt: true } },
  dns: { targets: [ADDRESSES.loadBalancer] },
};

/** Routes as chance has them, others in each run. */
const GENERATED = fc.sample(
  fc.record({
    hosts: fc.uniqueArray(fc.constantFrom(...'abcdef'), { minLength: 1, maxLength: 4 }),
    protocol: fc.constantFrom('http' as const, 'tcp' as const),
    secretName: fc.boolean(),
    path: fc.option(fc.constantFrom('/', '/shop', '/a b')),
  }),
  12,
);

/** Routes of both protocols, as constructs write them with all that they need. */
function constructed(namespace: string): Manifest[] {
  return objectsOf(
    filesOf((app) => {
      const chart = new Chart(app, namespace, { namespace });
      const issuer = CertManagerIssuer.existing('letsencrypt', { letsEncrypt: true });
      const traefik = new ExistingTraefik({ dnsTargets: [ADDRESSES.loadBalancer] });
      const common = { traefik, issuer, zones: [HostedZone.of('example.com')] };
      const backend = { service: 'web', port: 80 };
      const host = (name: string) => `${name}.${namespace}.example.com`;
      new IngressRouteWithTls(chart, 'web', {
        ...common,
        routes: [
          { host: [host('web'), host('www')], pathPrefix: '/shop', backend },
          { rule: `Host(\`${host('api')}\`) && !Path(\`/internal\`)`, backend },
        ],
      });
      new IngressRouteWithTls(chart, 'admin', {
        ...common,
        secretName: 'admin-certificate',
        routes: [{ host: host('admin'), backend }],
      });
      GENERATED.forEach(({ hosts, protocol, secretName, path }, index) => {
        const names = hosts.map((letter) => host(`${letter}${index}`));
        const rule = { host: names, backend, ...(path && protocol === 'http' ? { pathPrefix: path } : {}) };
        new IngressRouteWithTls(chart, `generated-${index}`, {
          ...{ ...common, protocol, routes: [rule] },
          secretName: secretName ? `secret-${index}` : undefined,
        });
      });
      new IngressRouteWithTls(chart, 'sql', { ...common, protocol: 'tcp', routes: [{ host: host('sql'), backend }] });
    }),
  );
}

/** The kinds, names and specs of what was derived in a namespace, which the hosts of the route name as well. */
async function specsOf(stage: Stage, namespace: string): Promise<unknown> {
  const objects = (await derived(stage, namespace)).map(({ kind, metadata, spec }) => [
    `${kind} ${metadata.name}`,
    spec,
  ]);
  return JSON.parse(JSON.stringify(Object.fromEntries(objects)).replaceAll(namespace, 'namespace'));
}

/** Certificates and DNSEndpoints of routes; of the shop only those of the example's. */
async function derived({ kubectl }: Stage, namespace = 'shop'): Promise<LiveObject[]> {
  const objects = await kubectl.list('certificates.cert-manager.io,dnsendpoints.externaldns.k8s.io', namespace);
  return objects.filter(
    ({ metadata }) => namespace !== 'shop' || metadata.labels?.['app.kubernetes.io/instance'] === ROUTE,
  );
}

/** The names that a Certificate is for, or a DNSEndpoint announces. */
function namesIn({ dnsNames, endpoints = [] }: { dnsNames?: string[]; endpoints?: { dnsName: string }[] }): string[] {
  return dnsNames ?? endpoints.map(({ dnsName }) => dnsName);
}

/** What the rotater of a namespace wrote, Events aside. */
function writes({ lab }: Stage, namespace: string): string[] {
  return requestsOf(lab.controlPlane.auditLog, namespace, ACCOUNT)
    .filter(isWrite)
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

function isWrite({ verb }: AuditEvent): boolean {
  return !['get', 'list', 'watch'].includes(verb);
}

function allPods({ kubectl }: Stage, namespace: string): Promise<LiveObject[]> {
  return kubectl.list('pods', namespace, 'app.kubernetes.io/component=rotater');
}

async function readyPods(stage: Stage, namespace: string): Promise<LiveObject[]> {
  return (await allPods(stage, namespace)).filter(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && isReady(status),
  );
}

async function rolledOut({ kubectl }: Stage, namespace: string): Promise<void> {
  await kubectl.run(['rollout', 'status', `deployment/${ACCOUNT}`, '-n', namespace, '--timeout=120s']);
}

/** Gives a Deployment so many instances, and waits until it has them. */
async function scale({ kubectl }: Stage, name: string, namespace: string, replicas: number): Promise<void> {
  await kubectl.run(['scale', `deployment/${name}`, '-n', namespace, `--replicas=${replicas}`]);
  await until(`${replicas} of ${namespace}/${name}`, { seconds: 90 }, async () => {
    const { status } = await kubectl.get('deployment', name, namespace);
    return (status.replicas ?? 0) === replicas && (status.readyReplicas ?? 0) === replicas;
  });
}
