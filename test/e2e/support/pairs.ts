import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Pair } from '../../support/scripts';

/** Pairs that Traefik would read, by name. */
export type Pairs = Readonly<Record<string, Pair>>;

/** The pairs among entries of a store; a half of one throws. */
export function pairsOf(entries: Readonly<Record<string, string>>): Pairs {
  const pairs: Record<string, Pair> = {};
  for (const key of Object.keys(entries)) {
    const [, path = '', name] = /^(traefik\/tls\/certificates\/(.+))\/(?:certFile|keyFile)$/.exec(key) ?? [];
    if (name === undefined) continue;
    const pair = { certificate: entries[`${path}/certFile`] ?? '', key: entries[`${path}/keyFile`] ?? '' };
    pairs[name] = wholeOrThrow(name, pair);
  }
  return pairs;
}

/** The pairs that the configuration in a folder names; a half of one throws. */
export function pairsIn(folder: string): Pairs {
  const configuration = `${folder}/certificates.yml`;
  if (!existsSync(configuration)) return {};
  const named = readFileSync(configuration, 'utf8').matchAll(/certFile: "(.+\/(.+)\.crt)"\n\s+keyFile: "(.+)"/g);
  return Object.fromEntries(
    [...named].map(([, certificate = '', name = '', key = '']) => {
      const pair = { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
      return [name, wholeOrThrow(name, pair)];
    }),
  );
}

/** The names in a certificate, sorted. */
export function namesOf(pair: Pair | undefined): string[] {
  const names = pair === undefined ? undefined : new X509Certificate(pair.certificate).subjectAltName;
  return (names ?? '').replaceAll('DNS:', '').split(', ').sort();
}

const known = new Set<string>();

function wholeOrThrow(name: string, pair: Pair): Pair {
  const text = pair.certificate + pair.key;
  if (known.has(text)) return pair;
  let isPair = false;
  try {
    isPair = new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key));
  } catch {
    // Cut off, or none at all.
  }
  if (!isPair) throw new Error(`${name} is no pair: ${pair.certificate.length} and ${pair.key.length} characters`);
  known.add(text);
  return pair;
}
