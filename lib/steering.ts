import type { IConstruct } from 'constructs';
import { announcementsOf } from './announcements';
import { Cluster, perApp } from './cluster';
import {
  hasPrivateTwins,
  leakProblems,
  type PlacedRecords,
  steeringProblems,
  writerProblems,
  type ZoneWriter,
} from './model/steering';
import type { HostedZone } from './model/zone';
import { check } from './report';

/** What an app announces, and who writes it. */
interface Steering {
  readonly records: (PlacedRecords & { readonly cluster: IConstruct })[];
  readonly writers: (ZoneWriter & { readonly cluster: IConstruct })[];
}

/** All of an app: zones are shared between its clusters, and steering is most often between these. */
export const steeringOf = perApp((app): Steering => {
  const steering: Steering = { records: [], writers: [] };
  check(app, () => {
    const { records, writers } = steering;
    const clusters = [...new Set(records.map(({ cluster }) => cluster))];
    const isSteered = records.some((each) => each.records.some(({ providerSpecific }) => providerSpecific));
    return [
      ...(isSteered ? steeringProblems([...records, ...clusters.map(loadBalancers)]) : []),
      ...clusters.flatMap((cluster) => {
        const ofCluster = (each: { readonly cluster: IConstruct }) => each.cluster === cluster;
        const [own, by] = [records.filter(ofCluster), writers.filter(ofCluster)];
        return [...leakProblems(own, by), ...(isSteered ? writerProblems(own, by) : [])];
      }),
    ];
  });
  return steering;
});

/** Whether names of `own`, all public, are in private zones that somebody else writes in the cluster of `construct`. */
export function isBesidePrivateZones(construct: IConstruct, own: readonly HostedZone[]): boolean {
  const cluster = Cluster.of(construct);
  return hasPrivateTwins(
    own,
    steeringOf(construct).writers.filter((each) => each.cluster === cluster),
  );
}

/** The names that external-dns gives the load balancers of `cluster`. */
function loadBalancers(cluster: IConstruct): PlacedRecords & { readonly cluster: IConstruct } {
  const records = announcementsOf(cluster).map(({ hostName }) => ({
    ...{ dnsName: hostName, recordType: 'A' as const, recordTTL: 300, targets: [] },
  }));
  return { at: 'the name of a load balancer', cluster, records };
}

/** What tells records of the cluster of `construct` from those of others: its place in the app, if it has one. */
export function identityOf(construct: IConstruct): string | undefined {
  const cluster = Cluster.of(construct);
  return Cluster.isCluster(cluster) ? cluster.node.path : undefined;
}
