import * as pulumi from '@pulumi/pulumi';
import type { ApiObject, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Edge, edgeOf } from './edge';
import type { KubeObject } from './kube-object';
import { textOf } from './outputs';

/** Where the objects of a component go. */
export interface PlacedArgs {
  /** The namespace of its objects; `EdgeNamespace` makes one. */
  readonly namespace: pulumi.Input<string>;
}

/** Where a construct is declared, and what its objects come after. */
export interface DeclarationContext {
  readonly chart: Chart;
  readonly id: string;
  /** The component, for resources beside its objects. */
  readonly component: pulumi.ComponentResource;
  /** What its user gave it. */
  readonly options: pulumi.ComponentResourceOptions | undefined;
  /** What must be there before its objects; to be added to. */
  readonly dependsOn: pulumi.Resource[];
  /** Makes a further object of the chart a part of the component. */
  readonly adopt: (object: ApiObject) => void;
}

/**
 * A construct as a component. Its objects are its children, named `<component>/<Kind>/<namespace>/<name>`, and are
 * created once the program has declared everything.
 */
export abstract class EdgeComponent<Own extends Construct> extends pulumi.ComponentResource {
  /** The construct, for what has no argument: its objects can be patched until the program ends. */
  public readonly construct: Own;
  private readonly edge: Edge;

  protected constructor(
    kind: string,
    name: string,
    { namespace }: PlacedArgs,
    options: pulumi.ComponentResourceOptions | undefined,
    make: (context: DeclarationContext) => Own,
  ) {
    super(`traefik-ha:index:${kind}`, name, {}, options);
    const edge = edgeOf(this.getProvider('kubernetes:core/v1:Namespace'));
    const dependsOn: pulumi.Resource[] = [];
    const owner = { name, options: { parent: this, dependsOn: options?.dependsOn } };
    this.construct = edge.declare(textOf(namespace), { ...owner, before: dependsOn }, (chart) =>
      make({
        ...{ chart, id: name, component: this, options, dependsOn },
        adopt: (object) => edge.adopt(object, owner),
      }),
    );
    this.edge = edge;
    void edge.settled();
  }

  /** Who depends on the component waits until its objects are declared, and so for them. */
  protected override async initialize(): Promise<void> {
    // It is called before the constructor is done, which may fail.
    await Promise.resolve();
    await this.edge?.settled().catch(forEver);
  }

  /** What `read` finds in an object of this component, once it is created. */
  protected live<T>(object: () => ApiObject, read: (resource: KubeObject) => pulumi.Output<T>): pulumi.Output<T> {
    const found = this.edge.settled().then((created) => {
      const resource = created.get(object())?.resource;
      if (resource === undefined) throw new Error(`${object().node.path} was not created`);
      return read(resource);
    });
    return pulumi.output(found.catch(forEver)) as unknown as pulumi.Output<T>;
  }
}

/** What is wrong was told already, and the program ends with it: nothing that follows from it is worth telling. */
function forEver(): Promise<never> {
  return new Promise(() => {});
}
