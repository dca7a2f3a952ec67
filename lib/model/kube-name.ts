import type { Finding } from './problem';
import { isPrintable } from './text';

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)$/;

/** Whether `text` is a DNS label, the narrowest form of names in Kubernetes. */
export function isLabel(text: string): boolean {
  return !isYamlNumber(text) && LABEL.test(text);
}

/** Whether `text` is a DNS subdomain, the form of most names in Kubernetes. */
export function isSubdomain(text: string): boolean {
  return !isYamlNumber(text) && text.length <= 253 && SUBDOMAIN.test(text);
}

/** Whether a YAML reader takes `text` for a number where it is not quoted: 0x1f, 0o17, 0b1. */
function isYamlNumber(text: string): boolean {
  return /^0[box][0-9a-f_]+$/i.test(text);
}

/** NAME-04 where `name`, which `property` refers by, can be no object's. */
export function referenceFindings(property: string, name: string | undefined): Finding[] {
  if (name === undefined || isSubdomain(name)) return [];
  return [
    {
      code: 'NAME-04',
      value: name,
      message: `${property} is not a name that an object in Kubernetes can have`,
      fix: 'Use lower-case letters, digits, hyphens and dots',
    },
  ];
}

/** NAME-04 where `name`, by which `property` refers to a namespace, can be none's. */
export function namespaceFindings(property: string, name: string): Finding[] {
  if (isLabel(name)) return [];
  return [
    {
      code: 'NAME-04',
      value: name,
      message: `${property} is not a name that a namespace can have`,
      fix: 'Use lower-case letters, digits and hyphens, 63 characters at most',
    },
  ];
}

/** NAME-05 where `key`, which `property` refers by, can be no key of a Secret; NAME-04 for the Secret's own name. */
export function secretKeyFindings(
  property: string,
  { secretName, key }: { readonly secretName: string; readonly key: string },
): Finding[] {
  const findings = referenceFindings(`${property}.secretName`, secretName);
  if (!/^[-._a-zA-Z0-9]{1,253}$/.test(key) || key === '.' || key.startsWith('..')) {
    findings.push({
      code: 'NAME-05',
      value: key,
      message: `${property}.key is not a key that a Secret can have`,
      fix: 'Use letters, digits, hyphens, underscores and dots',
    });
  }
  return findings;
}

/** NAME-06 where labels or annotations have keys or values that Kubernetes refuses. */
export function mapFindings(property: 'labels' | 'annotations', map: Readonly<Record<string, string>> = {}): Finding[] {
  return Object.entries(map)
    .filter(([key, value]) =>
      // Case does not matter in the key of an annotation.
      property === 'annotations'
        ? !isQualified(key.toLowerCase()) || !isText(value)
        : !isQualified(key) || !isLabelValue(value),
    )
    .map(([key, value]) => ({
      code: 'NAME-06',
      value: `${key}: ${value}`,
      message: `not one of the ${property} that Kubernetes takes`,
      fix: 'Write keys like example.com/name: letters, digits and -_. up to 63 characters, after a domain and a slash',
    }));
}

function isLabelValue(value: string): boolean {
  return value === '' || QUALIFIED.test(value);
}

/** Of several lines, perhaps. */
function isText(value: string): boolean {
  return isPrintable(value.replace(/[\t\n\r]/g, ''));
}

function isQualified(key: string): boolean {
  // cdk8s would take an object with such a key for an instance of some class.
  if (key === 'constructor') return false;
  const [name = '', prefix, ...rest] = key.split('/').reverse();
  return QUALIFIED.test(name) && rest.length === 0 && (prefix === undefined || isSubdomain(prefix));
}
