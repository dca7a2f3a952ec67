import { tsigKeyFindings } from '../../lib/model/tsig';

test.each(['edge-key', 'Edge_Key.example.com.', '_acme', 'a9', '9-9', 'a'.repeat(63), `${'a.'.repeat(126)}a`])(
  '%s names a TSIG key',
  (name) => {
    expect(tsigKeyFindings(name)).toEqual([]);
  },
);

test.each(['', '.', 'edge key', 'a..b', '.a', '-a', 'a-', 'a/b', 'é', 'a'.repeat(64), `${'a.'.repeat(126)}ab`])(
  '%j names no TSIG key',
  (name) => {
    expect(tsigKeyFindings(name)).toEqual([
      {
        code: 'DNS-13',
        value: name,
        message: 'a TSIG key is named like a host (RFC 8945, 4.2)',
        fix: "Write the name from the server's configuration, such as edge-key",
      },
    ]);
  },
);
