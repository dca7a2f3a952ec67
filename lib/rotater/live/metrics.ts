import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What Prometheus can read of a controller. */
export class Metrics {
  public readonly registry = new Registry();
  public readonly routes = this.gauge('traefik_ha_routes', 'Routes that are looked at.');
  public readonly derived = this.gauge(
    'traefik_ha_derived_objects',
    'Certificates and DNSEndpoints that there should be.',
  );
  public readonly problems = new Gauge({
    name: 'traefik_ha_problems',
    help: 'What is wrong with routes at this time, by code.',
    labelNames: ['code'],
    registers: [this.registry],
  });
  public readonly notices = new Gauge({
    name: 'traefik_ha_notices',
    help: 'Routes that nothing is derived from, though nothing is wrong, by code.',
    labelNames: ['code'],
    registers: [this.registry],
  });
  public readonly nodes = this.gauge('traefik_ha_nodes', 'Nodes with the labels of an edge.');
  public readonly announcedNodes = this.gauge('traefik_ha_announced_nodes', 'Those of them that its record holds.');
  public readonly reconcileSeconds = new Histogram({
    name: 'traefik_ha_reconcile_seconds',
    help: 'How long it took to compare all routes with what there is.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers: [this.registry],
  });
  public readonly writes = this.counter('traefik_ha_writes_total', 'Objects that were applied or removed.', 'action');
  public readonly failures = this.counter(
    'traefik_ha_write_failures_total',
    'Writes that failed, and are tried again.',
    'action',
  );
  public readonly brokenWatches = this.counter(
    'traefik_ha_broken_watches_total',
    'Watches that broke, and were taken up again.',
    'kind',
  );

  public constructor(isReady: () => boolean = () => false) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'traefik_ha_ready',
      help: 'Whether everything was seen once.',
      registers: [this.registry],
      collect() {
        this.set(isReady() ? 1 : 0);
      },
    });
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }

  private counter<Label extends string>(name: string, help: string, label: Label): Counter<Label> {
    return new Counter({ name, help, labelNames: [label], registers: [this.registry] });
  }
}
