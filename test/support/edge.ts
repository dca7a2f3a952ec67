import { Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { TraefikHA, type TraefikHAProps } from '../../lib/traefik/traefik-ha';
import { schemaProblems } from './schemas';
import type { Manifest } from './synthesize';

/** A chart of namespace `edge`: the only one of a new app, unless a scope is given. */
export function edgeChart(scope: Construct = Testing.app()): Chart {
  return new Chart(scope, 'edge', { namespace: 'edge' });
}

/** The objects of `chart` in the order of its file; each is one that the API server takes. */
export function objectsIn(chart: Chart): Manifest[] {
  const objects: Manifest[] = Testing.synth(chart);
  expect(objects.flatMap(schemaProblems)).toEqual([]);
  return objects;
}

/** The one object of `kind`. */
export function only(objects: readonly Manifest[], kind: string): Manifest {
  const found = objects.filter((object) => object.kind === kind);
  expect(found).toHaveLength(1);
  return found[0] as Manifest;
}

/** The objects of an edge with one Traefik. */
export function traefikObjects(props?: TraefikHAProps): Manifest[] {
  const chart = edgeChart();
  new TraefikHA(chart, 'traefik', props);
  return objectsIn(chart);
}

/** The pod template's spec of the one Deployment among `objects`. */
export function podOf(objects: readonly Manifest[]): Manifest['spec'] {
  return only(objects, 'Deployment').spec.template.spec;
}

/** Kind and name of each of `objects`. */
export function identities(objects: readonly Manifest[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}
