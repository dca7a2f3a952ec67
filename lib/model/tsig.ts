import type { Finding } from './problem';

/** DNS-13 where `keyName` can be no TSIG key's. */
export function tsigKeyFindings(keyName: string): Finding[] {
  const labels = keyName.replace(/\.$/, '').split('.');
  if (keyName.length <= 253 && labels.every((label) => /^[A-Za-z0-9_]([\w-]{0,61}[A-Za-z0-9_])?$/.test(label)))
    return [];
  return [
    {
      code: 'DNS-13',
      value: keyName,
      message: 'a TSIG key is named like a host (RFC 8945, 4.2)',
      fix: "Write the name from the server's configuration, such as edge-key",
    },
  ];
}
