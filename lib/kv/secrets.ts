import type { Finding } from '../model/problem';
import { DYNAMIC_CONFIGURATION, type DynamicConfiguration } from './dynamic-configuration';
import type { Path } from './findings';
import { fieldsOf, type Schema } from './schema';

/**
 * KV-12 for each private key, password and hash of one in a configuration that would be written where many can read
 * it. A path is none.
 */
export function secretFindings(configuration: DynamicConfiguration): Finding[] {
  return secretsIn(DYNAMIC_CONFIGURATION, configuration, []).map((path) => ({
    code: 'KV-12',
    value: path.join('.'),
    message: 'a secret would stand in plain in a manifest',
    fix: 'Name a file that every Traefik has, such as usersFile or a path, or publish certificates with KvCertificatePublisher',
  }));
}

function secretsIn(schema: Schema, value: unknown, path: Path): Path[] {
  if (value === undefined || value === null) return [];
  switch (schema.kind) {
    case 'list':
      return Array.isArray(value) ? value.flatMap((each) => secretsIn(schema.item, each, path)) : [];
    case 'dictionary':
      return Object.entries(value).flatMap(([name, each]) => secretsIn(schema.item, each, [...path, name]));
    case 'struct':
    case 'choice': {
      const fields = fieldsOf(schema);
      return Object.entries(value).flatMap(([name, each]) => {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        return field === undefined ? [] : secretsIn(field, each, [...path, name]);
      });
    }
    default:
      return isSecret(String(value), schema.secret ?? false) ? [path] : [];
  }
}

function isSecret(text: string, expected: boolean): boolean {
  return /PRIVATE KEY-----/.test(text) || (expected && text !== '' && !text.startsWith('/'));
}
