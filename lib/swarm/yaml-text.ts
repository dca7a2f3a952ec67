import { Document, Scalar, visit } from 'yaml';

/** `value` as YAML, without what is undefined. */
export function yamlText(value: object): string {
  const document = new Document(JSON.parse(JSON.stringify(value)), { version: '1.1' });
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && isNumberToGo(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Docker and Traefik read more as numbers than YAML does: with any prefix of Go's, and with underscores anywhere. */
function isNumberToGo(text: string): boolean {
  return /^[-+]?(0[xX][\da-fA-F]+|0[oO][0-7]+|0[bB][01]+|(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?)$/.test(
    text.replaceAll('_', ''),
  );
}
