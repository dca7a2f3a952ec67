import { Yaml } from 'cdk8s';

/** `value` as YAML, without what is undefined. */
export function yamlText(value: object): string {
  return Yaml.stringify(JSON.parse(JSON.stringify(value)));
}
