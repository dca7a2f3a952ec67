import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContext } from 'node:tls';
import type { Problem } from '../model/problem';
import { trustStore } from '../verify/live/trust-store';
import { decoded, unreadable } from './sources';
import { UserError } from './user-error';

/** VERIFY-07 where a file holds no certificate. */
export function certificateIn(path: string): X509Certificate {
  const text = contents(path, 'a certificate');
  try {
    return new X509Certificate(text);
  } catch {
    throw UserError.of([noCertificate(path)]);
  }
}

/** The authorities in `files`, or the system's. */
export function trustOf(files: readonly string[] | undefined): SecureContext {
  for (const file of files ?? []) {
    const text = contents(file, 'certificates of authorities');
    try {
      new X509Certificate(text);
    } catch {
      throw UserError.of([noCertificate(file)]);
    }
  }
  return trustStore(files);
}

function noCertificate(path: string): Problem {
  const message = 'holds no certificate';
  return {
    code: 'VERIFY-07',
    at: path,
    value: '',
    message,
    fix: 'Give a file in PEM, with -----BEGIN CERTIFICATE-----',
  };
}

/** The text of a file that is to hold `what`; INPUT-02 where it cannot be read. */
export function contents(path: string, what: string): string {
  try {
    return decoded(readFileSync(path), path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw UserError.of([unreadable(path, error, { none: 'file', fix: `Give the path of a file with ${what}` })]);
  }
}
