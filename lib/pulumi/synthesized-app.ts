import * as pulumi from '@pulumi/pulumi';
import { type App, Chart } from 'cdk8s';
import type { KubeObject } from './kube-object';
import { identity } from './object-order';
import { judgeLate, objectsOf, register } from './register';
import { throwPlainly } from './run-error';

/** What a {@link SynthesizedApp} applies. */
export interface SynthesizedAppArgs {
  /** An App with all of its charts, or one Chart. */
  readonly app: App | Chart;
}

/**
 * The objects of a cdk8s app or chart, whatever constructs they come from, as resources of this stack. Texts of the app
 * may stand for Outputs, by `text()`.
 *
 * Throws what constructs of the app report, and PULUMI-02 where objects wait for one another in a circle.
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
      return register(objectsOf(charts), () => owner);
    });
    judgeLate(charts);
    this.objects = new Map([...created.values()].map(({ resource, manifest }) => [identity(manifest), resource]));
    this.registerOutputs({});
  }
}
