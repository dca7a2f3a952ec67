import * as pulumi from '@pulumi/pulumi';
import { type ApiObject, App, Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { Problem } from '../model/problem';
import { hasToken } from '../model/token';
import { additionsTo, changesOf } from './changes';
import { Claims } from './claims';
import { whenEnded } from './program-end';
import { type Created, judgeLate, type Owner, objectsOf, register } from './register';
import { refusal, refuse, throwPlainly } from './run-error';

/**
 * What the components of a program declare in one cluster: an app of cdk8s, whose objects are created when the program
 * has declared all of it. What an object is to be may depend on what comes later, as Traefik's arguments do on whether a
 * route needs HTTP-01, and what is wrong is told at once.
 */
export class Edge {
  /** What is made in the cluster, also by apps of their own. */
  public readonly claims = new Claims();
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
    const construct = throwPlainly(() => {
      if (chart.node.tryFindChild(owner.name)) {
        throw refusal({
          code: 'PULUMI-11',
          at: `${chart.node.path}/${owner.name}`,
          message: 'two components of one namespace have one name, which their objects are called by',
          fix: 'Give one of them another name',
        });
      }
      return make(chart);
    });
    this.owners.set(construct, owner);
    return construct;
  }

  /** Makes a further object of the chart a part of the component that `owner` is. */
  public adopt(object: ApiObject, owner: Owner): void {
    this.owners.set(object, owner);
  }

  /** Resolves when what is declared until then is created. */
  public settled(): Promise<Created> {
    this.next ??= this.soon();
    return this.next;
  }

  private soon(): Promise<Created> {
    const next = new Promise<Created>((resolve, reject) => {
      setImmediate(() => {
        this.next = undefined;
        try {
          resolve(throwPlainly(() => this.settle()));
        } catch (error) {
          reject(error);
        }
      });
    });
    // Whoever waits for it takes its failure; this branch nobody takes, so that Pulumi tells of it and ends the program.
    void next.then();
    return next;
  }

  private settle(): Created {
    const objects = objectsOf([...this.charts.values()]);
    refuse(changesOf(this.created, objects, FIX));
    register(objects, (object) => this.ownerOf(object), { claims: this.claims, created: this.created });
    judgeLate([...this.charts.values()]);
    return this.created;
  }

  /** What was declared, changed or taken away since all was created. */
  public changes(): Problem[] {
    if (this.created.size === 0) return [];
    const objects = objectsOf([...this.charts.values()]);
    return [...changesOf(this.created, objects, FIX), ...additionsTo(this.created, objects, FIX)];
  }

  private ownerOf(object: ApiObject): Owner | undefined {
    return [...object.node.scopes].reverse().flatMap((scope) => this.owners.get(scope) ?? [])[0];
  }
}

const FIX = 'Declare all of a cluster, and patch its objects, before the program first waits for something';

/** By stack, of which a process can run several one after the other, and by provider. */
const edges = new WeakMap<object, Map<pulumi.ProviderResource | undefined, Edge>>();
const NO_STACK = {};

/** The edge of the cluster that `provider` speaks to. */
export function edgeOf(provider: pulumi.ProviderResource | undefined): Edge {
  const { getStackResource } = pulumi.runtime as { getStackResource?: () => object | undefined };
  const stack = getStackResource?.() ?? NO_STACK;
  const ofStack = edges.get(stack) ?? new Map<pulumi.ProviderResource | undefined, Edge>();
  edges.set(stack, ofStack);
  const known = ofStack.get(provider);
  if (known) return known;
  const edge = new Edge();
  ofStack.set(provider, edge);
  whenEnded(() => edge.changes());
  return edge;
}
