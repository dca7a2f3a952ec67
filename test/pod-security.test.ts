import {
  HOST_NETWORK_CONTAINER,
  HOST_NETWORK_NAMESPACE,
  HOST_NETWORK_POD,
  RESTRICTED_CONTAINER,
  RESTRICTED_NAMESPACE,
  RESTRICTED_POD,
} from '../lib/pod-security';

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
test('a pod asks for all that the restricted standard wants of it', () => {
  expect(RESTRICTED_POD).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(RESTRICTED_POD.runAsUser).toBeGreaterThan(0);
  expect(RESTRICTED_POD.runAsGroup).toBeGreaterThan(0);
  expect(RESTRICTED_CONTAINER).toMatchObject({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  expect(RESTRICTED_CONTAINER.capabilities).not.toHaveProperty('add');
});

test('a container cannot write to its own file system', () => {
  expect(RESTRICTED_CONTAINER.readOnlyRootFilesystem).toBe(true);
});

test('a namespace refuses pods that do not pass, and says so where they are applied', () => {
  expect(RESTRICTED_NAMESPACE).toEqual({
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
    'pod-security.kubernetes.io/audit': 'restricted',
  });
});

test('on the network of a node, root is left one capability, and everything else is restricted', () => {
  expect(HOST_NETWORK_POD).toEqual({ runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } });
  expect(HOST_NETWORK_CONTAINER).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
  });
  expect(HOST_NETWORK_NAMESPACE).toEqual({
    'pod-security.kubernetes.io/enforce': 'privileged',
    'pod-security.kubernetes.io/warn': 'privileged',
    'pod-security.kubernetes.io/audit': 'restricted',
  });
});
