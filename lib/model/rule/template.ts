/**
 * Templates of v2 rules: text in which `{name:regexp}` and `{name}` stand for what varies, as in `/users/{id:[0-9]+}`.
 * @see https://github.com/containous/mux
 */
import { regexpFault } from './regexp';

/**
 * What a template looks for, as a regular expression without anchors. `defaultPattern` is that of a variable without
 * one of its own. Only for templates without fault.
 */
export function templatePattern(template: string, defaultPattern: string): string {
  const parts = readTemplate(template);
  if (parts === undefined) return quoteMeta(template);
  return parts
    .map((part) => (typeof part === 'string' ? quoteMeta(part) : `(?:${part.pattern ?? defaultPattern})`))
    .join('');
}

/** Whether something in `template` varies; else it stands for itself. */
export function isTemplate(template: string): boolean {
  return template.includes('{');
}

/** The names of the variables, in order. */
export function templateVariables(template: string): string[] {
  return (readTemplate(template) ?? []).flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
}

/**
 * Why Traefik refuses `template`, as a clause to go on after it; nothing where it takes it. A `strict` one needs
 * regular expressions that are whole each for itself, for a `lenient` one (HostSNIRegexp) they need only be together.
 */
export function templateFault(template: string, check: 'strict' | 'lenient'): string | undefined {
  const parts = readTemplate(template);
  if (parts === undefined) return 'has braces that do not pair up';
  for (const part of parts) {
    if (typeof part === 'string') continue;
    if (part.name === '' || part.pattern === '') return 'has a variable without name or without pattern';
    const fault = check === 'strict' ? regexpFault(`^${part.pattern ?? ''}$`) : undefined;
    if (fault !== undefined) return `has a pattern that ${fault}`;
  }
  const fault = regexpFault(templatePattern(template, '.'));
  return fault === undefined ? undefined : `has a pattern that ${fault}`;
}

type Part = string | { readonly name: string; readonly pattern?: string };

/** Literal text and variables in turn; nothing where the braces do not pair up. Braces inside a pattern may nest. */
function readTemplate(template: string): Part[] | undefined {
  const parts: Part[] = [];
  let end = 0;
  let start = 0;
  let level = 0;
  for (let at = 0; at < template.length; at += 1) {
    const character = template.charAt(at);
    if (character === '{') {
      if (level === 0) start = at;
      level += 1;
    } else if (character === '}') {
      level -= 1;
      if (level < 0) return undefined;
      if (level === 0) {
        parts.push(template.slice(end, start), readVariable(template.slice(start + 1, at)));
        end = at + 1;
      }
    }
  }
  return level === 0 ? [...parts, template.slice(end)] : undefined;
}

function readVariable(text: string): Part {
  const colon = text.indexOf(':');
  return colon < 0 ? { name: text } : { name: text.slice(0, colon), pattern: text.slice(colon + 1) };
}

function quoteMeta(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
