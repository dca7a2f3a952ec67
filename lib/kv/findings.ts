import type { Finding } from '../model/problem';

/** Where a value stands, below the root of the configuration. */
export type Path = readonly string[];

export function valueFinding(path: Path, value: unknown, wanted: string): Finding {
  return {
    code: 'KV-04',
    value: `${path.join('.')}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    message: `the option takes ${wanted}`,
    fix: 'Write such a value, or leave the option out',
  };
}

export function itemFinding(path: Path, value: string): Finding {
  return {
    code: 'KV-05',
    value: `${path.join('.')}: ${value}`,
    message: 'Traefik splits lists at commas and cuts spaces, so it would read other items',
    fix: 'Write each item without commas and outer spaces; in a regular expression {1,3} can be written as x{1}|x{2}|x{3}',
  };
}

export function nameFinding(path: Path, name: string): Finding {
  return {
    code: 'KV-06',
    value: [...path, name].join('.'),
    message: 'not a name in a store: numbers are read as indices, slashes as levels, and what follows @ as a provider',
    fix: 'Use letters, digits, hyphens and dots, with a letter among them',
  };
}

export function mergedFinding(path: Path, name: string, first: string): Finding {
  return {
    code: 'KV-07',
    value: [...path, name].join('.'),
    message: `Traefik does not tell it from ${first}, and would make one of both`,
    fix: 'Give names that differ in more than upper and lower case',
  };
}

export function unknownFinding(path: Path, known: readonly string[]): Finding {
  const name = path.at(-1) ?? '';
  const close = known.find((each) => each.toLowerCase() === name.toLowerCase());
  return {
    code: 'KV-03',
    value: path.join('.'),
    message: 'Traefik has no such option, and one of these makes it reject everything in the store',
    fix: close === undefined ? `Use one of ${known.join(', ')}` : `Write ${close}`,
  };
}

export function emptyFinding(path: Path): Finding {
  return {
    code: 'KV-08',
    value: path.join('.'),
    message: 'nothing is said in it, so nothing would be in the store',
    fix: 'Set one of its options, or leave it out',
  };
}

export function missingFinding(path: Path): Finding {
  return {
    code: 'KV-09',
    value: path.join('.'),
    message: 'the option must be there',
    fix: `Set ${path.at(-1)}`,
  };
}

export function choiceFinding(path: Path, given: readonly string[], known: readonly string[]): Finding {
  return {
    code: 'KV-09',
    value: `${path.join('.')}: ${given.join(', ')}`,
    message: 'exactly one kind must be there',
    fix: `Set one of ${known.join(', ')}`,
  };
}
