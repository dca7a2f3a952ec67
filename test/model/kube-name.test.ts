import {
  isLabel,
  isSubdomain,
  mapFindings,
  namespaceFindings,
  referenceFindings,
  secretKeyFindings,
} from '../../lib/model/kube-name';

const INVALID = ['', '-a', 'a-', 'A', 'a_b', 'a b', 'a\n', 'é'];

test('a label is lower case, 63 characters, without dots', () => {
  const labels = ['a', '9', 'ab', '9-9-9', 'a'.repeat(63)];
  expect([...labels, ...INVALID, 'a.b', 'a'.repeat(64)].filter(isLabel)).toEqual(labels);
});

test('a subdomain is labels between dots, 253 characters together', () => {
  const subdomains = ['a', 'a.b', '9.9-9.99', 'a'.repeat(253)];
  const others = ['.', 'a.', '.a', 'a..b', 'a.-b', 'a'.repeat(254)];
  expect([...subdomains, ...INVALID, ...others].filter(isSubdomain)).toEqual(subdomains);
});

test('a reference is a name that an object can have', () => {
  expect(referenceFindings('issuer', 'letsencrypt.v2')).toEqual([]);
  expect(referenceFindings('issuer', undefined)).toEqual([]);
  expect(referenceFindings('issuer', 'Lets Encrypt')).toEqual([
    {
      code: 'NAME-04',
      value: 'Lets Encrypt',
      message: 'issuer is not a name that an object in Kubernetes can have',
      fix: 'Use lower-case letters, digits, hyphens and dots',
    },
  ]);
});

test('a namespace is named by a label', () => {
  expect(namespaceFindings('service.namespace', 'edge')).toEqual([]);
  expect(namespaceFindings('service.namespace', 'edge.prod')).toEqual([
    {
      code: 'NAME-04',
      value: 'edge.prod',
      message: 'service.namespace is not a name that a namespace can have',
      fix: 'Use lower-case letters, digits and hyphens, 63 characters at most',
    },
  ]);
});

test.each(['', '.', '..', '..a', 'a/b', 'a b', 'a'.repeat(254)])('a Secret has no key %j', (key) => {
  expect(secretKeyFindings('token', { secretName: 'dns', key })).toEqual([
    {
      code: 'NAME-05',
      value: key,
      message: 'token.key is not a key that a Secret can have',
      fix: 'Use letters, digits, hyphens, underscores and dots',
    },
  ]);
});

test.each(['token', 'API_KEY', '.dockerconfigjson', 'tls.crt', '-', 'a'.repeat(253)])(
  'a Secret may have the key %s',
  (key) => {
    expect(secretKeyFindings('token', { secretName: 'dns', key })).toEqual([]);
  },
);

test('the name of the Secret is checked beside its key', () => {
  expect(secretKeyFindings('token', { secretName: 'D', key: '' })).toMatchObject([
    { code: 'NAME-04', value: 'D', message: expect.stringMatching(/^token\.secretName /) },
    { code: 'NAME-05', value: '' },
  ]);
});

const NAME_06 = {
  code: 'NAME-06',
  fix: 'Write keys like example.com/name: letters, digits and -_. up to 63 characters, after a domain and a slash',
};

test.each(['', '/a', 'a/', 'a/b/c', '-a', 'a b', 'a_b/c', 'a'.repeat(64), `${'a'.repeat(254)}/b`])(
  'neither labels nor annotations have the key %j',
  (key) => {
    for (const property of ['labels', 'annotations'] as const)
      expect(mapFindings(property, { [key]: 'v', good: 'v' })).toEqual([
        { ...NAME_06, value: `${key}: v`, message: `not one of the ${property} that Kubernetes takes` },
      ]);
  },
);

test.each(['a', 'A_b.c-d', 'example.com/Name', 'a'.repeat(63), `${'a'.repeat(253)}/b`])(
  'both have the key %s',
  (key) => {
    expect(mapFindings('labels', { [key]: '' })).toEqual([]);
    expect(mapFindings('annotations', { [key]: '' })).toEqual([]);
  },
);

test('the values of labels are short words, those of annotations are free', () => {
  const map = { a: 'x y', b: 'x'.repeat(64), c: '-x', d: 'X_y.z', e: '' };
  expect(mapFindings('labels', map).map(({ value }) => value)).toEqual(['a: x y', `b: ${'x'.repeat(64)}`, 'c: -x']);
  expect(mapFindings('annotations', map)).toEqual([]);
});

test('digits count as letters', () => {
  expect(mapFindings('labels', { '9': '9', '99': '99', '9.9/9-9': '9-9' })).toEqual([]);
  expect(secretKeyFindings('token', { secretName: '9', key: '9' })).toEqual([]);
});

test('case does not matter in the domain of an annotation, and does in that of a label', () => {
  expect(mapFindings('annotations', { 'Example.com/a': '' })).toEqual([]);
  expect(mapFindings('labels', { 'Example.com/a': '' })).toMatchObject([{ value: 'Example.com/a: ' }]);
});

test('no labels are no fault', () => {
  expect(mapFindings('labels', undefined)).toEqual([]);
});
