import type * as pulumi from '@pulumi/pulumi';
import { type ApiObject, App, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { hasToken } from '../model/token';
import { type Created, type Owner, objectsOf, register } from './register';
import { refusal, throwPlainly } from './run-error';

/**
 * What the components of a program declare in one cluster: an app of cdk8s, whose objects are created when the program
 * has declared all of it. What an object is to be may depend on what comes later, as Traefik's arguments do on whether a
 * route needs HTTP-01, and what is wrong is told at once.
 */
export class Edge {
  private readonly app = new App();
  private readonly charts = new Map<string, Chart>();
  private readonly owners = new Map<IConstruct, Owner>();
  private readonly created: Created = new Map();
  private next: Promise<Created> | undefined;

  /** Makes a construct in the chart of a namespace, and has its objects created by and by, as `owner` says. */
  public declare<Own extends Construct>(namespace: string, owner: Owner, make: (chart: Chart) => Own): Own {
    const id = hasToken(namespace) ? `namespace-${this.charts.size + 1}` : namespace;
    const chart = this.charts.get(namespace) ?? new Chart(this.app, id, { namespace });
    this.charts.set(namespace, chart);
    const construct = throwPlainly(() => make(chart));
    this.owners.set(construct, owner);
    return construct;
  }

  /** Resolves when what is declared until then is created. */
  public settled(): Promise<Created> {
    this.next ??= new Promise((resolve, reject) => {
      setImmediate(() => {
        this.next = undefined;
        try {
          resolve(throwPlainly(() => this.settle()));
        } catch (error) {
          reject(error);
        }
      });
    });
    return this.next;
  }

  private settle(): Created {
    const objects = objectsOf([...this.charts.values()]);
    for (const { object, manifest } of objects) {
      const before = this.created.get(object)?.manifest;
      if (before === undefined || JSON.stringify(before) === JSON.stringify(manifest)) continue;
      throw refusal({
        code: 'PULUMI-03',
        at: object.node.path,
        message: `${object.kind} ${object.name} is to be another one now that more was declared, and was created already`,
        fix: 'Declare all components of a cluster before the program first waits for something',
      });
    }
    register(objects, (object) => this.ownerOf(object), this.created);
    return this.created;
  }

  private ownerOf(object: ApiObject): Owner | undefined {
    return [...object.node.scopes].reverse().flatMap((scope) => this.owners.get(scope) ?? [])[0];
  }
}

const edges = new Map<pulumi.ProviderResource | undefined, Edge>();

/** The edge of the cluster that `provider` speaks to. */
export function edgeOf(provider: pulumi.ProviderResource | undefined): Edge {
  const edge = edges.get(provider) ?? new Edge();
  edges.set(provider, edge);
  return edge;
}
