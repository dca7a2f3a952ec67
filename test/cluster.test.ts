import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { Cluster, perApp, perCluster } from '../lib/cluster';

test('a construct is of the nearest cluster around it', () => {
  const app = new App();
  const west = new Cluster(app, 'west');
  const inner = new Cluster(west, 'inner');
  expect(Cluster.of(new Chart(west, 'edge'))).toBe(west);
  expect(Cluster.of(new Construct(new Chart(inner, 'edge'), 'part'))).toBe(inner);
  expect(Cluster.of(west)).toBe(west);
});

test('an app without any is one cluster', () => {
  const app = new App();
  expect(Cluster.of(new Chart(app, 'edge'))).toBe(app);
  expect(Cluster.of(app)).toBe(app);
});

test('a cluster is known even where another copy of the library made it', () => {
  jest.isolateModules(() => {
    const { Cluster: OtherCluster } = require('../lib/cluster') as typeof import('../lib/cluster');
    const other = new OtherCluster(new App(), 'west');
    expect(other).not.toBeInstanceOf(Cluster);
    expect(Cluster.of(new Chart(other, 'edge'))).toBe(other);
  });
});

test('what is kept for a cluster is made once, and for it alone', () => {
  const owners: string[] = [];
  const listOf = perCluster((cluster): string[] => {
    owners.push(cluster.node.path);
    return [];
  });
  const app = new App();
  const west = new Cluster(app, 'west');
  listOf(new Chart(west, 'edge')).push('from the edge');
  expect(listOf(new Chart(west, 'shop'))).toEqual(['from the edge']);
  expect(listOf(new Chart(new Cluster(app, 'east'), 'edge'))).toEqual([]);
  expect(listOf(new Chart(app, 'edge'))).toEqual([]);
  expect(owners).toEqual(['west', 'east', '']);
});

test('a value that is undefined is made once as well', () => {
  let made = 0;
  const nothingOf = perCluster(() => {
    made += 1;
  });
  const app = new App();
  nothingOf(app);
  nothingOf(app);
  expect(made).toBe(1);
});

test('what is kept for an app is shared by its clusters, and by no other app', () => {
  const listOf = perApp((): string[] => []);
  const app = new App();
  listOf(new Chart(new Cluster(app, 'west'), 'edge')).push('from the west');
  expect(listOf(new Chart(new Cluster(app, 'east'), 'edge'))).toEqual(['from the west']);
  expect(listOf(new App())).toEqual([]);
});
