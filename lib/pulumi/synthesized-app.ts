import * as pulumi from '@pulumi/pulumi';
import { type App, Chart } from 'cdk8s';
import { uniqueNames } from '../naming';
import { additionsTo, changesOf } from './changes';
import { edgeOf } from './edge';
import type { KubeObject } from './kube-object';
import { identity } from './object-order';
import { whenEnded } from './program-end';
import { judgeLate, objectsOf, register } from './register';
import { throwPlainly } from './run-error';

const FIX = 'Complete the app before SynthesizedApp takes it';

/** What a {@link SynthesizedApp} applies. */
export interface SynthesizedAppArgs {
  /** An App with all of its charts, or one Chart. */
  readonly app: App | Chart;
}

/**
 * The objects of a cdk8s app or chart, whatever constructs they come from, as resources of this stack. Texts of the app
 * may stand for Outputs, by `text()`.
 *
 * Throws what constructs of the app report, PULUMI-02 where objects wait for one another in a circle, and, when the
 * program has ended, PULUMI-03 of what was added to the app or changed in it afterwards.
 *
 * @example
 * const app = new App();
 * new Chart(app, 'edge', { namespace: text(cluster.namespace) });
 * new SynthesizedApp('edge', { app }, { provider });
 */
export class SynthesizedApp extends pulumi.ComponentResource {
  /**
   * Every object, by kind with its group, namespace if it has one, and name: `Deployment.apps/shop/web`,
   * `Service/shop/web`, `Namespace/shop`.
   */
  public readonly objects: ReadonlyMap<string, KubeObject>;

  public constructor(name: string, { app }: SynthesizedAppArgs, options?: pulumi.ComponentResourceOptions) {
    super('traefik-ha:index:SynthesizedApp', name, {}, options);
    const charts = app.node.findAll().filter((construct) => Chart.isChart(construct));
    const created = throwPlainly(() => {
      const owner = { name, options: { parent: this, dependsOn: options?.dependsOn } };
      for (const chart of charts) uniqueNames(chart);
      const { claims } = edgeOf(this.getProvider('kubernetes:core/v1:Namespace'));
      return register(objectsOf(charts), () => owner, { claims });
    });
    judgeLate(charts);
    whenEnded(() => {
      const now = objectsOf(app.node.findAll().filter((construct) => Chart.isChart(construct)));
      return [...changesOf(created, now, FIX), ...additionsTo(created, now, FIX)];
    });
    this.objects = new Map([...created.values()].map(({ resource, manifest }) => [identity(manifest), resource]));
    this.registerOutputs({});
  }
}
