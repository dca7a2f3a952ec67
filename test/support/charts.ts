import { type App, Chart, Testing } from 'cdk8s';
import type { Construct } from 'constructs';
import { HostedZone } from '../../lib/model/zone';
import { schemaProblems } from './schemas';
import type { Manifest } from './synthesize';

/** A chart of the namespace that it is called after. */
export function chartOf(namespace = 'shop', scope: Construct = Testing.app()): Chart {
  return new Chart(scope, namespace, { namespace });
}

/** What `chart` is synthesized to; the API server takes every object of it. */
export function accepted(chart: Chart): Manifest[] {
  const objects: Manifest[] = Testing.synth(chart);
  expect(objects.flatMap(schemaProblems)).toEqual([]);
  return objects;
}

/** The one object of `chart` with that kind. */
export function theOnly(kind: string, chart: Chart): Manifest {
  const objects = accepted(chart).filter((object) => object.kind === kind);
  expect(objects.map(({ metadata }) => metadata.name)).toHaveLength(1);
  return objects[0] as Manifest;
}

/** `apiVersion kind namespace/name` of each object, in order. */
export function identities(objects: readonly Manifest[]): string[] {
  return objects.map(
    ({ kind, metadata }) => `${kind} ${[metadata.namespace, metadata.name].filter(Boolean).join('/')}`,
  );
}

/** Every chart of `app` with its objects. */
export function chartsOf(app: App): Record<string, string[]> {
  const charts = app.node.findAll().filter((construct) => construct instanceof Chart);
  return Object.fromEntries(charts.map((chart) => [chart.node.id, identities(accepted(chart))]));
}

/** A zone with all that is known of one on Route 53. */
export const ZONE = HostedZone.of('example.com', { id: 'Z0123456789ABCDEFGHIJ' });

/** The CA of a test, self-signed. */
export const CA_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUKKyqv44ITa7yxftelv+9tGzfPfEwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPRXhhbXBsZSB0ZXN0IENBMCAXDTI2MTEyMjE0MjUzMloYDzIx
MjYxMDI5MTQyNTMyWjAaMRgwFgYDVQQDDA9FeGFtcGxlIHRlc3QgQ0EwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARVGyg5oi3QBUR846YpWY1dobcdDW/y1wLR1wM9
xP4R7p9sIsc+f1iaWsDProgXQsfWIIziWDFEVZCQxH2OM4zso1MwUTAdBgNVHQ4E
FgQUjB9ITyXKGMYUzDpEdSoy2LeBKcswHwYDVR0jBBgwFoAUjB9ITyXKGMYUzDpE
dSoy2LeBKcswDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBfvCoa
gU+nlMj+HFoHyh4/OsXqlr/mi6VPlkmun1pw7gIgbvQXZLBhKz/IhToNt5JGcg5h
mXwlnMrVR+3gaytFU5Q=
-----END CERTIFICATE-----
`;
