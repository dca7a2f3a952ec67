import type { Problem } from '../model/problem';
import { asGiven, type Reveal } from '../model/token';
import { type AppObject, identity } from './object-order';
import { revealOf } from './outputs';
import { judged, refuse } from './run-error';

/** An object, and the component that makes it. */
interface Claim extends AppObject {
  readonly component: string;
}

/** Which component makes which object of a cluster. */
export class Claims {
  private readonly all: Claim[] = [];

  /**
   * Adds `claims`. Throws PULUMI-14 where an object of theirs is another component's, and has those told whose names are
   * not known yet as soon as they are. Different objects of one app are looked at by the app (NAME-01).
   */
  public add(claims: readonly Claim[]): void {
    for (const claim of claims) this.all.push(claim);
    refuse(sameObjects(this.all, asGiven));
    const reveal = revealOf(this.all.map(({ manifest }) => identity(manifest)));
    if (reveal) judged(reveal, (known) => sameObjects(this.all, known));
  }
}

function sameObjects(claims: readonly Claim[], reveal: Reveal): Problem[] {
  const first = new Map<string, Claim>();
  return claims.flatMap((claim) => {
    const what = reveal(identity(claim.manifest));
    const other = first.get(what) ?? claim;
    first.set(what, other);
    if (claim === other || !isDouble(claim, other)) return [];
    return [
      {
        ...{ code: 'PULUMI-14', at: claim.object.node.path, value: what },
        message: `${claim.component} makes the object that ${other.component} makes as well, at ${other.object.node.path}`,
        fix: 'Take it out of one of the two',
      },
    ];
  });
}

function isDouble(one: Claim, other: Claim): boolean {
  if (one.object === other.object) return one.component !== other.component;
  return one.object.node.root !== other.object.node.root;
}
