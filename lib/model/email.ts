import type { Finding } from './problem';

/** Letters, digits and what stands for itself in a mailto address (RFC 6068, 2); Let's Encrypt takes ASCII only. */
const EMAIL = /^[\w.!$'*+/=^`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/** ISSUER-08 where `email` is not one address. */
export function emailFindings(email: string | undefined): Finding[] {
  if (email === undefined || EMAIL.test(email)) return [];
  return [
    {
      code: 'ISSUER-08',
      value: email,
      message: 'not one e-mail address, which the CA would refuse the account for',
      fix: 'Write ops@example.com, or leave email out',
    },
  ];
}
