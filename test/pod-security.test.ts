import { RESTRICTED_CONTAINER, RESTRICTED_NAMESPACE, RESTRICTED_POD } from '../lib/pod-security';

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
