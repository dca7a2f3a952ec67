import { Yaml } from 'cdk8s';

/** `value` as YAML, without what is undefined. */
export function yamlText(value: object): string {
  const marked = JSON.parse(JSON.stringify(value), (_, each) =>
    typeof each === 'string' && isNumberToGo(each) ? `${MARK}${each}${MARK}` : each,
  );
  return Yaml.stringify(marked).replaceAll(MARKED, '"$1"');
}

/** Of what is to be between quotes: a character that no standard gives a meaning. */
const MARK = '\ue000';
const MARKED = new RegExp(`${MARK}([\\w.+-]+)${MARK}`, 'g');

/** Docker and Traefik read more as numbers than YAML does: with any prefix of Go's, and with underscores anywhere. */
function isNumberToGo(text: string): boolean {
  return /^[-+]?(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?)$/.test(
    text.replaceAll('_', ''),
  );
}
