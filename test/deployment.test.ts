import { type ApiObject, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { deploymentObject } from '../lib/deployment';
import { edgeChart, objectsIn, only } from './support/edge';

const specWith = (image: string): k8s.DeploymentSpec => ({
  selector: { matchLabels: { app: 'shop' } },
  template: {
    metadata: { labels: { app: 'shop' } },
    spec: {
      containers: [{ name: 'shop', image, resources: { limits: { memory: k8s.Quantity.fromString('64Mi') } } }],
    },
  },
});

const containerOf = (change: (deployment: ApiObject) => void) => {
  const chart = edgeChart();
  change(deploymentObject(chart, { name: 'shop', labels: { app: 'shop' } }, () => specWith('shop:1')));
  return only(objectsIn(chart), 'Deployment').spec.template.spec.containers[0];
};

test('the typed spec is written as Kubernetes reads it', () => {
  expect(containerOf(() => {})).toEqual({
    name: 'shop',
    image: 'shop:1',
    resources: { limits: { memory: '64Mi' } },
  });
});

test('what is newer than the types can be patched in', () => {
  const preStop = { sleep: { seconds: 15 } };
  const patch = JsonPatch.add('/spec/template/spec/containers/0/lifecycle', { preStop });
  expect(containerOf((deployment) => deployment.addJsonPatch(patch)).lifecycle).toEqual({ preStop });
});

test('the spec is asked for when the whole program is known', () => {
  const chart = edgeChart();
  let image = 'shop:1';
  deploymentObject(chart, { name: 'shop', labels: {} }, () => specWith(image));
  image = 'shop:2';
  expect(only(objectsIn(chart), 'Deployment').spec.template.spec.containers[0].image).toBe('shop:2');
});
