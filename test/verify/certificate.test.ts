import { X509Certificate } from 'node:crypto';
import { coversName, seenCertificate } from '../../lib/verify/live/certificate';
import { TestAuthority } from '../support/tls-servers';

let authority: TestAuthority;
beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => authority.remove());

/** A list of signed certificate timestamps (RFC 6962, 3.3) as the extension holds it. */
function timestamps(...times: readonly number[]): string {
  const entries = times.map((time) => {
    const entry = Buffer.alloc(2 + 1 + 32 + 8 + 2 + 2 + 2 + 70);
    entry.writeUInt16BE(entry.length - 2, 0);
    entry.writeBigUInt64BE(BigInt(time), 35);
    return entry;
  });
  const list = Buffer.concat(entries);
  const whole = Buffer.concat([Buffer.from([list.length >> 8, list.length & 0xff]), list]);
  const length = whole.length < 128 ? [whole.length] : [0x81, whole.length];
  return Buffer.concat([
    Buffer.from([0x04, ...(whole.length > 255 ? [0x82, whole.length >> 8, whole.length & 0xff] : length)]),
    whole,
  ]).toString('hex');
}

const seen = (extensions: readonly string[] = []) =>
  seenCertificate(new X509Certificate(authority.issue({ names: ['a.example.com'], extensions }).certificate));

test.each([[1], [2], [3]])('issued when it was logged, in %d logs', (count) => {
  const times = Array.from({ length: count }, (_, index) => 1_790_000_000_000 + index * 1000);
  const { issuedAt } = seen([`1.3.6.1.4.1.11129.2.4.2=DER:${timestamps(...times)}`]);
  expect(issuedAt.getTime()).toBe(times.at(-1));
});

test('issued when it begins, where it is in no log, or where that cannot be read', () => {
  const { issuedAt, notBefore } = seen();
  expect(issuedAt).toEqual(notBefore);
  for (const bytes of ['0400', '04020000', '0403000500', '3000', '0482ffff00']) {
    const odd = seen([`1.3.6.1.4.1.11129.2.4.2=DER:${bytes}`]);
    expect(odd.issuedAt).toEqual(odd.notBefore);
  }
});

test('a name that would be two is one', () => {
  const extensions = [
    'subjectAltName=@names',
    '[names]',
    'DNS.1=a.example.com',
    'DNS.2=x, DNS:b.example.com',
    'IP.1=10.0.0.1',
  ];
  const { certificate } = authority.issue({ names: [], subject: '/CN=c.example.com', extensions });
  const read = new X509Certificate(certificate);
  expect(seenCertificate(read).names).toEqual(['a.example.com', '"x\\u002c DNS:b.example.com"', '10.0.0.1']);
  expect(['a', 'b', 'c'].map((label) => coversName(read, `${label}.example.com`))).toEqual([true, false, false]);
});
