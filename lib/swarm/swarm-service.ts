import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { perApp } from '../cluster';
import { schemeFindings } from '../edge/backend';
import { priorityFindings, ruleListFindings } from '../edge/route-findings';
import { type RouteMatch, type RouteRule, routeRule } from '../edge/route-rule';
import { hostFindings } from '../model/host';
import { imageFindings } from '../model/image';
import { type Finding, locate } from '../model/problem';
import { type Rival, rivalProblems } from '../model/rivals';
import { zoneMembershipFindings } from '../model/zone';
import { check, report } from '../report';
import { requireProps } from '../required';
import { LOCKED, memoryLimit, TMP } from './hardening';
import { secretFiles } from './kv-access';
import { routeLabels } from './route-labels';
import type { StackHealthCheck, StackMount, StackServiceSpec } from './stack-file';
import { StackService } from './stack-service';
import { stackOf } from './swarm-stack';
import type { SwarmTraefik } from './swarm-traefik';

/** A middleware that the SwarmTraefik declares, or one of another provider, such as `compress@etcd`. */
export type SwarmMiddlewareRef = string | { readonly name: string; readonly declaredElsewhere: true };

/** Which requests go to a service. */
export type SwarmRoute = RouteMatch & {
  /** The port that its containers listen on, from 1 to 65535. */
  readonly port: number;
  /**
   * How Traefik speaks to it; not over TCP.
   * @default - http
   */
  readonly scheme?: 'http' | 'https' | 'h2c';
  /**
   * What requests pass on the way, in this order.
   * @default - nothing
   */
  readonly middlewares?: readonly SwarmMiddlewareRef[];
  /**
   * Which of two matching routes wins: the higher, from 1.
   * @default - the length of the rule
   */
  readonly priority?: number;
};

/** A {@link SwarmService}: what runs, and which requests it gets. */
export interface SwarmServiceProps {
  /** Who serves it. */
  readonly traefik: SwarmTraefik;
  /** The image, pinned. */
  readonly image: string;
  /** The routes to it; their hosts get certificates from the renewer of its Traefik. */
  readonly routes: readonly SwarmRoute[];
  /**
   * What is routed: requests, or whole TLS connections by their server name, ended by Traefik.
   * @default 'http'
   */
  readonly protocol?: 'http' | 'tcp';
  /**
   * How many tasks, from 1.
   * @default 2 - one is left while the other is replaced
   */
  readonly replicas?: number;
  /**
   * What the container is started with.
   * @default - as the image says
   */
  readonly command?: readonly string[];
  /**
   * What is not secret.
   * @default - nothing
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Secrets of the swarm that it reads from `/run/secrets`.
   * @default - none
   */
  readonly secrets?: readonly string[];
  /**
   * User and group, by number where it has secrets.
   * @default - as the image says
   */
  readonly user?: string;
  /**
   * The capabilities that it keeps, such as `NET_BIND_SERVICE`.
   * @default - none
   */
  readonly capabilities?: readonly string[];
  /**
   * Whether it may write to its own file system, beside `/tmp` and volumes.
   * @default false
   */
  readonly writable?: boolean;
  /**
   * Volumes; those of the stack are declared with `stack.volume`.
   * @default - none, but for a `/tmp` of 64 MiB in memory
   */
  readonly volumes?: readonly StackMount[];
  /**
   * Networks that it joins as well, of the stack or of the swarm, such as that of its database.
   * @default - none
   */
  readonly networks?: readonly string[];
  /**
   * Whether a task is fit to be sent requests.
   * @default - as the image says
   */
  readonly healthcheck?: StackHealthCheck;
  /**
   * The nodes that it runs on, as constraints.
   * @default - any
   */
  readonly placement?: readonly string[];
  /**
   * Where the kernel ends a task.
   * @default Size.mebibytes(512)
   */
  readonly memoryLimit?: Size;
}

/**
 * A service of a stack that Traefik routes to. It is reached through Traefik alone, over the network `webgateway`; its
 * tasks are replaced one at a time, the new one first.
 *
 * Reports RULE-01 to RULE-10 for rules, HOST-01 and HOST-02 for hosts, ZONE-01 a host for which there would be no
 * certificate, ROUTE-01 a port, ROUTE-02 no routes, ROUTE-03 a priority, ROUTE-05 a middleware, ROUTE-10 a route in two
 * forms, ROUTE-16 a scheme over TCP, ROUTE-18 the rule of another route, IMAGE-01 an image that is not pinned, SWARM-14 where it is in no SwarmStack, SWARM-21 a
 * user by name where there are secrets.
 *
 * @example
 * new SwarmService(stack, 'shop', {
 *   traefik: new SwarmTraefik(stack, 'traefik'),
 *   image: 'registry.example.com/shop:1.4.2',
 *   routes: [{ host: 'shop.example.com', port: 8080 }],
 * });
 */
export class SwarmService extends Construct {
  /** The hosts that it is reached by, sorted. */
  public readonly hosts: readonly string[];
  /** The service, to patch what has no property here. */
  public readonly service: StackService;

  public constructor(scope: Construct, id: string, props: SwarmServiceProps) {
    super(scope, id);
    requireProps(this, props, 'traefik', 'image', 'routes');
    const stack = stackOf(this);
    const { traefik, routes, protocol = 'http' } = props;
    const rules = routes.map((route) => routeRule(route, protocol));
    this.hosts = [...new Set(rules.flatMap(({ hosts }) => hosts))].sort();
    report(this, [
      ...ruleListFindings(rules, undefined),
      ...this.hosts.flatMap(hostFindings),
      ...routes.flatMap((route) => routeFindings(route, props)),
      ...imageFindings(props.image),
      ...userFindings(props),
    ]);
    check(this, () => locate(zoneMembershipFindings(this.hosts, traefik.certifiedZones), this.node.path));
    rivalsIn(this).push(...rivalsOf(this, props, rules));
    const name = stack.serviceName(this);
    this.service = new StackService(this, 'Resource', () => ({
      ...containerSpec(props),
      ...secretFiles(stack, props.secrets ?? [], props.user ?? '0'),
      networks: Object.fromEntries(
        [
          traefik.stack === stack
            ? stack.network('webgateway')
            : stack.externalNetwork(traefik.stack.networkName('webgateway')),
          ...stack.networksOf(props.networks),
        ].map((network) => [network, {}]),
      ),
      deploy: {
        mode: 'replicated',
        replicas: props.replicas ?? 2,
        // Names of stacks and services hold no underscore, so that no other stack comes to the same.
        labels: routeLabels(`${stack.name}_${name}`, protocol, labelled(routes, rules)),
        ...(props.placement ? { placement: { constraints: props.placement } } : {}),
        resources: memoryLimit(props.memoryLimit ?? Size.mebibytes(512)),
        update_config: {
          parallelism: 1,
          delay: '10s',
          monitor: '30s',
          // What has no port of the host may stand beside the one that it replaces.
          order: 'start-first',
          failure_action: 'rollback',
        },
        restart_policy: { condition: 'any', delay: '5s' },
      },
    }));
  }
}

/** The routes of an app's services, in the order in which they were declared. */
const rivalsIn = perApp((app) => {
  const rivals: Rival[] = [];
  check(app, () => rivalProblems(rivals));
  return rivals;
});

function rivalsOf(
  { node }: SwarmService,
  { traefik, routes, protocol = 'http' }: SwarmServiceProps,
  rules: readonly RouteRule[],
): Rival[] {
  return routes.map(({ port, scheme, middlewares, priority }, index) => ({
    at: node.path,
    router: `${protocol} ${traefik.node.path}`,
    rule: rules[index]?.canonical ?? '',
    entryPoints: ['websecure'],
    priority,
    answer: JSON.stringify([node.path, port, scheme, middlewares]),
  }));
}

function containerSpec(props: SwarmServiceProps): Omit<StackServiceSpec, 'deploy'> {
  const { image, command, environment, user, capabilities, volumes = [], healthcheck } = props;
  return {
    image,
    ...(command ? { command } : {}),
    ...(environment ? { environment } : {}),
    ...(user === undefined ? {} : { user }),
    ...LOCKED,
    ...(props.writable ? { read_only: false } : {}),
    ...(capabilities ? { cap_add: capabilities } : {}),
    volumes: [...(volumes.some(({ target }) => target === TMP.target) ? [] : [TMP]), ...volumes],
    ...(healthcheck ? { healthcheck } : {}),
  };
}

function labelled(routes: readonly SwarmRoute[], rules: readonly RouteRule[]) {
  return routes.map(({ port, scheme, middlewares = [], priority }, index) => ({
    ...{ rule: rules[index] as RouteRule, port, scheme, priority },
    middlewares: middlewares.map((each) => (typeof each === 'string' ? `${each}@file` : each.name)),
  }));
}

/** SWARM-21 where nobody could read the secrets: their files belong to numbers. */
function userFindings({ secrets = [], user = '0' }: SwarmServiceProps): Finding[] {
  if (secrets.length === 0 || /^\d+(:\d+)?$/.test(user)) return [];
  return [
    {
      code: 'SWARM-21',
      value: user,
      message: 'files of secrets belong to a user by number, and not by name',
      fix: 'Write the numbers of user and group, such as 1000:1000',
    },
  ];
}

function routeFindings(route: SwarmRoute, { traefik, protocol }: SwarmServiceProps): Finding[] {
  const { port, scheme, middlewares = [], priority } = route;
  const findings = [...priorityFindings(priority), ...schemeFindings(scheme, protocol)];
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    findings.push({
      code: 'ROUTE-01',
      value: String(port),
      message: 'not a port of the service',
      fix: 'Write port: 8080, the one that its containers listen on',
    });
  }
  for (const { name } of middlewares.filter((each) => typeof each === 'object')) {
    if (/^[^@,\s]+@[a-z]+$/.test(name)) continue;
    findings.push({
      code: 'ROUTE-05',
      value: name,
      message: 'not a middleware of another provider, and without one Traefik switches the route off',
      fix: "Write its name and whose it is, such as { name: 'login@etcd', declaredElsewhere: true }",
    });
  }
  for (const name of middlewares.filter((each) => typeof each === 'string')) {
    if (traefik.middlewareNames.includes(name)) continue;
    findings.push({
      code: 'ROUTE-05',
      value: name,
      message: `${traefik.node.path} declares no such middleware, and without it Traefik switches the route off`,
      fix: `Declare it in its middlewares, or write { name: '${name}@etcd', declaredElsewhere: true }`,
    });
  }
  return findings;
}
