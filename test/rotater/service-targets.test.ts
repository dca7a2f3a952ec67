import { serviceTargets } from '../../lib/rotater/service-targets';

const NO_CLUSTER = { clusterAddress: false };
const service = (spec: object, ingress: readonly object[] = []) => ({ spec, status: { loadBalancer: { ingress } } });

test('addresses of the load balancer, sorted', () => {
  const given = service({ externalIPs: ['198.51.100.1'] }, [{ ip: '203.0.113.11' }, { ip: '203.0.113.10' }]);
  expect(serviceTargets(given, NO_CLUSTER)).toEqual(['203.0.113.10', '203.0.113.11']);
});

test('its name, where it has no address', () => {
  const named = service({}, [{ hostname: 'lb.example.net' }]);
  expect(serviceTargets(named, NO_CLUSTER)).toEqual(['lb.example.net']);
  const both = service({}, [{ hostname: 'lb.example.net', ip: '203.0.113.10' }]);
  expect(serviceTargets(both, NO_CLUSTER)).toEqual(['203.0.113.10']);
});

test('then external addresses', () => {
  expect(serviceTargets(service({ externalIPs: ['198.51.100.1'] }), NO_CLUSTER)).toEqual(['198.51.100.1']);
});

test('an address of the cluster only where that was said', () => {
  const inner = service({ clusterIPs: ['10.96.0.7', 'fd00::7'] });
  expect(serviceTargets(inner, NO_CLUSTER)).toEqual([]);
  expect(serviceTargets(inner, { clusterAddress: true })).toEqual(['10.96.0.7', 'fd00::7']);
  expect(serviceTargets(service({ clusterIPs: ['None'] }), { clusterAddress: true })).toEqual([]);
});

test('a Service that has nothing yet', () => {
  expect(serviceTargets({}, { clusterAddress: true })).toEqual([]);
});
