import { Chart, Testing } from 'cdk8s';
import { announcementsOf } from '../lib/announcements';
import { Cluster } from '../lib/cluster';
import { LoadBalancer } from '../lib/traefik/load-balancer';
import { TraefikHA } from '../lib/traefik/traefik-ha';
import { edgeChart } from './support/edge';

test('a load balancer with a name is announced to its cluster, and to no other', () => {
  const app = Testing.app();
  const west = new Cluster(app, 'west');
  const loadBalancer = LoadBalancer.generic({ hostName: 'LB.example.com' });
  new TraefikHA(edgeChart(west), 'traefik', { loadBalancer });
  expect(announcementsOf(new Chart(west, 'other'))).toEqual([
    { namespace: 'edge', service: 'traefik', hostName: 'lb.example.com' },
  ]);
  expect(announcementsOf(edgeChart(app))).toEqual([]);
});

test('one without a name is not', () => {
  const chart = edgeChart();
  new TraefikHA(chart, 'traefik', { loadBalancer: LoadBalancer.fixedAddress({ addresses: ['203.0.113.10'] }) });
  expect(announcementsOf(chart)).toEqual([]);
});
