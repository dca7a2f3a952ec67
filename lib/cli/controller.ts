import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import pino from 'pino';
import { printProblem } from '../model/problem';
import { ClusterApi, statusOf } from '../rotater/live/cluster-api';
import { connect } from '../rotater/live/connection';
import { Controller, type ControllerReport } from '../rotater/live/controller';
import { Metrics } from '../rotater/live/metrics';
import { serveStatus } from '../rotater/live/status-server';
import { clusterConnection } from './cluster-connection';
import { type SettingsOptions, settingsFrom, settingsOptions } from './settings-options';
import { UserError } from './user-error';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

interface ControllerOptions extends SettingsOptions {
  readonly kubeconfig?: string;
  readonly name: string;
  readonly port: number;
  readonly logLevel: string;
}

/** `traefik-ha controller`: the derivation over the routes of a cluster, for as long as it runs. */
export function controllerCommand(): Command {
  const command = new Command('controller')
    .summary('keep Certificates and DNSEndpoints as the routes of a cluster ask')
    .description(
      'Watches the IngressRoutes and IngressRouteTCPs of a cluster and keeps, for each, a Certificate for the Secret ' +
        'that it names and a DNSEndpoint for its hosts. Several may run at once. Speaks to the API server as the ' +
        'account of its pod, or as a kubeconfig says.',
    );
  for (const option of settingsOptions()) command.addOption(option);
  return command
    .option('--kubeconfig <file>', 'how the API server is reached (default: KUBECONFIG, or the account of the pod)')
    .option('--name <name>', 'what its objects are marked with: one for each set of settings', nameOf, 'traefik-ha')
    .option('--port <number>', 'where /healthz, /readyz and /metrics are', portOf, 8080)
    .addOption(new Option('--log-level <level>', 'what it says').choices(LOG_LEVELS).default('info'))
    .action(runController);
}

async function runController(options: ControllerOptions): Promise<void> {
  // From the first moment on: the first process of a container ignores signals that nobody takes.
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const settings = settingsFrom(options);
  const log = pino({ level: options.logLevel, base: undefined, timestamp: pino.stdTimeFunctions.isoTime });
  const api = new ClusterApi(await clusterConnection('controller', () => connect(options.kubeconfig)));
  const metrics: Metrics = new Metrics(() => controller.isReady);
  const controller: Controller = new Controller(
    api,
    { name: options.name, settings },
    reporter(log, metrics),
    hostname(),
  );
  const server = await listening(metrics, controller, options.port);
  log.info({ port: options.port }, 'started');
  const stop = () => {
    log.info('stopping');
    controller.stop();
  };
  if (stopping.signal.aborted) stop();
  else stopping.signal.addEventListener('abort', stop);
  await controller.run();
  server.close();
  server.closeAllConnections();
}

async function listening(metrics: Metrics, controller: Controller, port: number): Promise<Server> {
  try {
    return await serveStatus({ registry: metrics.registry, isReady: () => controller.isReady }, port);
  } catch (error) {
    throw new UserError([`traefik-ha controller: port ${port} cannot be had (${messageOf(error)}). Give --port`]);
  }
}

function reporter(log: pino.Logger, metrics: Metrics): ControllerReport {
  return {
    reconciled({ routes, derived, problems, nodes }, seconds) {
      metrics.routes.set(routes);
      metrics.derived.set(derived);
      metrics.nodes.set(nodes?.matching ?? 0);
      metrics.announcedNodes.set(nodes?.announced ?? 0);
      metrics.reconcileSeconds.observe(seconds);
      metrics.problems.reset();
      metrics.notices.reset();
      for (const { problem, isNotice } of problems) {
        (isNotice ? metrics.notices : metrics.problems).inc({ code: problem.code });
      }
      log.debug({ routes, derived, nodes, problems: problems.length, seconds }, 'compared');
    },
    wrote(action, identity) {
      metrics.writes.inc({ action });
      log.info({ action, object: identity }, 'written');
    },
    failed(action, identity, error) {
      metrics.failures.inc({ action });
      log.warn({ action, object: identity, status: statusOf(error), error: messageOf(error) }, 'not written yet');
    },
    problem({ problem, isNotice }) {
      log[isNotice ? 'info' : 'warn']({ code: problem.code, at: problem.at }, printProblem(problem));
    },
    broken(error) {
      metrics.failures.inc({ action: 'look' });
      log.error({ error: error instanceof Error ? error.stack : String(error) }, 'a fault of this program');
    },
    watchBroken({ kind }, error, retrySeconds) {
      metrics.brokenWatches.inc({ kind });
      log.warn({ kind, status: statusOf(error), error: messageOf(error), retrySeconds }, 'watch broke');
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function nameOf(value: string): string {
  if (value === '') throw new InvalidArgumentError('Write a name.');
  return value;
}

function portOf(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new InvalidArgumentError('Write a port, 1 to 65535.');
  return port;
}
