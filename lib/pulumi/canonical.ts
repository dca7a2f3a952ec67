import type * as pulumi from '@pulumi/pulumi';
import { canonicalHost } from '../model/host';
import { canonicalZoneId } from '../model/zone';
import { presentOf } from './outputs';

/** A host, or the name of a zone, as certificates and resolvers write it. */
export const lateHost = eachOnce(canonicalHost);

/** The id of a zone as policies and solvers write it. */
export const lateZoneId = eachOnce(canonicalZoneId);

/** What `canonical` makes of an Input: of one Output always the same, so that it is one text wherever it is used. */
function eachOnce(canonical: (value: string) => string): (input: pulumi.Input<string>) => pulumi.Input<string> {
  const known = new WeakMap<object, pulumi.Output<string>>();
  return (input) => {
    if (typeof input === 'string') return input;
    const late = known.get(input) ?? presentOf(input).apply(canonical);
    known.set(input, late);
    return late;
  };
}
