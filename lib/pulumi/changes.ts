import type { Problem } from '../model/problem';
import type { AppObject } from './object-order';
import type { Created } from './register';

/** PULUMI-03 for each of `created` that is to be another one by `objects`, or is not among them any more. */
export function changesOf(created: Created, objects: readonly AppObject[], fix: string): Problem[] {
  const now = new Map(objects.map(({ object, manifest }) => [object, JSON.stringify(manifest)]));
  return [...created].flatMap(([object, { manifest }]) => {
    const wanted = now.get(object);
    if (wanted === JSON.stringify(manifest)) return [];
    const what = wanted === undefined ? 'is not wanted any more' : 'is to be another one';
    return tooLate({ object, manifest }, `${what} now that more was declared, and was created already`, fix);
  });
}

/** PULUMI-03 for each of `objects` that is not among those that were created. */
export function additionsTo(created: Created, objects: readonly AppObject[], fix: string): Problem[] {
  return objects
    .filter(({ object }) => !created.has(object))
    .map((each) => tooLate(each, 'was added when the others were created already, and is not created', fix));
}

function tooLate({ object, manifest: { kind, metadata } }: AppObject, what: string, fix: string): Problem {
  const message = `${kind} ${metadata.name} ${what}`;
  return { code: 'PULUMI-03', at: object.node.path, value: '', message, fix };
}
