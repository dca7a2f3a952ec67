import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { newPair, type Pair, Workshop } from '../support/scripts';

const SOURCES = join(__dirname, '../../lib/scripts');

let workshop: Workshop;

beforeAll(() => {
  workshop = new Workshop();
});

afterAll(() => workshop.remove());

/** What a line of shell prints that knows the functions for PEM. */
async function evaluate(code: string): Promise<string> {
  const command = `. ${SOURCES}/common.sh; . ${SOURCES}/pem.sh; ${code}`;
  return (await workshop.startCommand(['sh', '-c', command], {}).ended).output.trim();
}

/** Why each of many pairs is refused; nothing for those that are not. */
async function refusals(pairs: readonly Pair[]): Promise<string[]> {
  pairs.forEach(({ certificate, key }, at) => {
    workshop.file(`pairs/${at}.crt`, certificate);
    workshop.file(`pairs/${at}.key`, key);
  });
  const folder = workshop.path('pairs');
  const loop = `at=0; while [ $at -lt ${pairs.length} ]; do`;
  const output = await evaluate(
    `${loop} check_pair ${folder}/$at.crt ${folder}/$at.key; echo ":$PAIR_ERROR"; at=$((at + 1)); done`,
  );
  return output.split('\n').map((line) => line.slice(1));
}

const NOT_ITS_KEY = 'the key is not that of the certificate';
const curve = (name: string) => ['ec', '-pkeyopt', `ec_paramgen_curve:${name}`];

test.each([
  ['RSA 2048', ['rsa:2048']],
  ['RSA 4096', ['rsa:4096']],
  ['P-256', curve('prime256v1')],
  ['P-384', curve('secp384r1')],
])(
  'a key of %s is known as that of its certificate, and as no other',
  async (_, newKey) => {
    const [one, other] = [newPair('one.example.com', newKey), newPair('other.example.com', newKey)];
    const traditional = await asTraditional(one);
    const chain = { certificate: one.certificate + other.certificate, key: one.key };
    const swapped = { certificate: other.certificate + one.certificate, key: one.key };
    const windows = { certificate: one.certificate.replaceAll('\n', '\r\n'), key: one.key.replaceAll('\n', '\r\n') };
    expect(await refusals([one, traditional, chain, windows])).toEqual(['', '', '', '']);
    expect(await refusals([{ ...one, key: other.key }, { ...other, key: traditional.key }, swapped])).toEqual([
      NOT_ITS_KEY,
      NOT_ITS_KEY,
      NOT_ITS_KEY,
    ]);
  },
  60_000,
);

/** The same key in the form that older programs write. */
async function asTraditional({ certificate, key }: Pair): Promise<Pair> {
  const { createPrivateKey } = await import('node:crypto');
  const parsed = createPrivateKey(key);
  const type = parsed.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
  return { certificate, key: parsed.export({ type, format: 'pem' }).toString() };
}

test('of a key of another kind only its form is known', async () => {
  const ed = newPair('one.example.com', ['ed25519']);
  expect(await refusals([ed, { ...ed, key: ed.key.slice(0, -10) }])).toEqual(['', 'the key is not whole']);
});

test('a file that is cut off anywhere is refused', async () => {
  const whole = newPair();
  const { certificate, key } = whole;
  const cuts = (text: string) =>
    Array.from({ length: 40 }, (_, at) => text.slice(0, Math.floor((at * (text.length - 1)) / 40)));
  const certificates = cuts(certificate).map((text) => ({ certificate: text, key }));
  const keys = cuts(key).map((text) => ({ certificate, key: text }));
  const chains = cuts(certificate)
    .slice(1)
    .map((text) => ({ certificate: certificate + text, key }));
  const zeros = { certificate: certificate.replace(/\n.{64}\n/, `\n${'\0'.repeat(64)}\n`), key };
  expect(new Set(await refusals(certificates))).toEqual(new Set(['the certificate is not whole']));
  expect(new Set(await refusals(keys))).toEqual(new Set(['the key is not whole']));
  expect(new Set(await refusals([...chains, zeros]))).toEqual(new Set(['the certificate is not whole']));
  const wrong = [
    { certificate: key, key: certificate },
    { certificate, key: '' },
    { certificate: '', key },
  ];
  expect((await refusals(wrong)).every((why) => why.endsWith('not whole'))).toBe(true);
}, 60_000);

test.each([
  ['of 6 days', ['-days', '6']],
  ['of 90 days', ['-days', '90']],
  ['that ends after 2050', ['-days', '12000']],
])('the dates of a certificate %s', async (_, days) => {
  const { certificate } = newPair('www.example.com', undefined, days);
  const { validFrom, validTo } = new X509Certificate(certificate);
  const read = await evaluate(`validity ${workshop.file('dates.crt', certificate)}`);
  expect(read.split('\n').map(Number)).toEqual([validFrom, validTo].map((date) => Date.parse(date) / 1000));
});
