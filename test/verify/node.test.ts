import { parseNode, printNode } from '../../lib/verify/node';

test.each([
  ['10.0.0.1', '10.0.0.1', undefined],
  ['10.0.0.1:8443', '10.0.0.1', 8443],
  ['2001:db8::1', '2001:db8::1', undefined],
  ['[2001:db8::1]', '2001:db8::1', undefined],
  ['[2001:db8::1]:8443', '2001:db8::1', 8443],
  ['fe80::1%eth0', 'fe80::1%eth0', undefined],
  ['Node-1', 'node-1', undefined],
  ['localhost:443', 'localhost', 443],
  ['lb.example.net.', 'lb.example.net', undefined],
])('%s', (text, host, port) => expect(parseNode(text)).toEqual({ node: { host, port } }));

test.each([
  '',
  ':443',
  '10.0.0.1:0',
  '10.0.0.1:65536',
  '10.0.0.300',
  '[10.0.0.1]',
  '[::1',
  '*.example.com',
  'a b',
  'x/y',
  '1.2',
])('VERIFY-01 %j', (text) =>
  expect(parseNode(text)).toEqual({ findings: [expect.objectContaining({ code: 'VERIFY-01', value: text })] }),
);

test('what was hardly meant as an address is none', () => {
  expect(parseNode('::1:443')).toEqual({
    findings: [
      {
        code: 'VERIFY-01',
        value: '::1:443',
        message: 'not the address of a node',
        fix: 'Write [::1]:443, or [::1:443] for the address',
      },
    ],
  });
  expect(parseNode('[::1:443]')).toEqual({ node: { host: '::1:443', port: undefined } });
  expect(parseNode('2001:db8::1:443')).toEqual({ node: { host: '2001:db8::1:443', port: undefined } });
});

test('the port is printed where it is not that of browsers', () => {
  expect(printNode({ address: '10.0.0.1', port: 443 })).toBe('10.0.0.1');
  expect(printNode({ address: '::1', port: 443 })).toBe('::1');
  expect(printNode({ address: '::1', port: 8443, name: 'node-1' })).toBe('[::1]:8443 (node-1)');
  expect(printNode({ address: undefined, port: 8443, name: 'node-1' })).toBe('node-1:8443');
});
