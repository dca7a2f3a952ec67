import { readdirSync } from 'node:fs';
import { ApiObject, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { Cluster } from '../lib/cluster';
import { DnsEndpoint } from '../lib/dns/dns-endpoint';
import { type Problem, TraefikHaError } from '../lib/model/problem';
import { check, report, reportAll, settle } from '../lib/report';
import { TraefikHA } from '../lib/traefik/traefik-ha';
import { edgeChart, identities } from './support/edge';

const finding = (value: string) => ({ code: 'TEST-01', value, message: 'wrong', fix: 'Mend it' });
const problem = (value: string, at: string): Problem => ({ ...finding(value), at });

/** What `run` throws. */
function thrown(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('all problems of an app', () => {
  const broken = () => {
    const app = Testing.app();
    const edge = edgeChart(app);
    new TraefikHA(edge, 'traefik', { replicas: 1, image: 'traefik' });
    new DnsEndpoint(edge, 'shop', { dnsName: 'shop', targets: [] });
    const west = edgeChart(new Cluster(app, 'west'));
    new TraefikHA(west, 'Traefik');
    return { app, edge };
  };
  const EXPECTED = [
    'IMAGE-01 edge/traefik',
    'TRAEFIK-08 edge/traefik',
    'HOST-01 edge/shop',
    'DNS-01 edge/shop',
    'NAME-02 west/edge/Traefik',
  ];

  test('are thrown as one, by the app and by any of its charts', () => {
    const { app, edge } = broken();
    for (const synth of [() => app.synth(), () => Testing.synth(edge), () => app.synthYaml()]) {
      const error = thrown(synth) as TraefikHaError;
      expect(error).toBeInstanceOf(TraefikHaError);
      expect(error.problems.map(({ code, at }) => `${code} ${at}`)).toEqual(EXPECTED);
      expect(error.message.split('\n')).toHaveLength(EXPECTED.length);
    }
  });

  test('are thrown before anything is written', () => {
    const { app } = broken();
    expect(thrown(() => app.synth())).toBeInstanceOf(TraefikHaError);
    expect(readdirSync(app.outdir)).toEqual([]);
  });
});

test('an app without problems is written', () => {
  const app = Testing.app();
  report(new Construct(edgeChart(app), 'shop'), []);
  app.synth();
  expect(readdirSync(app.outdir)).toEqual(['edge.k8s.yaml']);
});

test('problems are those of their app alone', () => {
  report(new Construct(edgeChart(), 'shop'), [finding('one')]);
  expect(() => Testing.synth(edgeChart())).not.toThrow();
});

test('what is reported comes before what is found in the whole', () => {
  const chart = edgeChart();
  const construct = new Construct(chart, 'shop');
  check(construct, () => [problem('three', 'edge')]);
  report(construct, [finding('one')]);
  reportAll(construct, [problem('two', 'elsewhere')]);
  expect(() => Testing.synth(chart)).toThrow(
    new TraefikHaError([problem('one', 'edge/shop'), problem('two', 'elsewhere'), problem('three', 'edge')]),
  );
});

describe('what needs the whole app', () => {
  const addObject = (scope: Construct, id: string) =>
    new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id } });

  test('is settled before rules look at it, however it was declared', () => {
    const chart = edgeChart();
    check(chart, (objectsOf) => objectsOf(chart.node.root).map((object) => problem(object.name, object.node.path)));
    settle(chart, () => {
      chart.node.tryRemoveChild('superfluous');
    });
    addObject(chart, 'superfluous');
    addObject(chart, 'needed');
    expect(() => Testing.synth(chart)).toThrow(new TraefikHaError([problem('needed', 'edge/needed')]));
  });

  test('is looked at anew each time', () => {
    const chart = edgeChart();
    check(chart, (objectsOf) =>
      objectsOf(chart.node.root)
        .slice(1)
        .map(({ name }) => problem(name, 'edge')),
    );
    addObject(chart, 'first');
    expect(identities(Testing.synth(chart))).toEqual(['ConfigMap first']);
    addObject(chart, 'second');
    expect(() => Testing.synth(chart)).toThrow(new TraefikHaError([problem('second', 'edge')]));
  });

  test('sees the objects of its cluster, and not those of another', () => {
    const app = Testing.app();
    const west = new Cluster(app, 'west');
    const chart = edgeChart(app);
    addObject(chart, 'ours');
    addObject(edgeChart(west), 'theirs');
    const seen: Record<string, string[]> = {};
    check(chart, (objectsOf) => {
      for (const cluster of [app, west]) seen[cluster.node.path] = objectsOf(cluster).map(({ name }) => name);
      return [];
    });
    app.synth();
    expect(seen).toEqual({ '': ['ours'], west: ['theirs'] });
  });
});
