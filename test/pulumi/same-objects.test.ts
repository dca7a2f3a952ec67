import { CLUSTER_SCOPED } from '../../lib/naming';
import type { Manifest } from '../support/synthesize';
import { answerOfAws, DECLARATIONS, FURTHER } from './declarations';
import { revealedSecrets, runProgram } from './recording-engine';

const identityOf = ({ apiVersion, kind, metadata: { namespace, name } }: Manifest) =>
  `${apiVersion} ${kind} ${CLUSTER_SCOPED.has(kind) ? '' : namespace}/${name}`;

/** Without what has no value, and without the namespace that cdk8s gives to what can have none. */
function plainly(manifest: Manifest): Manifest {
  const copy = JSON.parse(JSON.stringify(manifest)) as Manifest;
  if (CLUSTER_SCOPED.has(copy.kind)) delete copy.metadata.namespace;
  return copy;
}

const byIdentity = (manifests: readonly Manifest[]) =>
  Object.fromEntries(manifests.map((manifest) => [identityOf(manifest), plainly(manifest)]).sort());

test.each(Object.entries({ ...DECLARATIONS, ...FURTHER }))(
  '%s: by constructs and by components with Outputs, the same objects',
  async (_, { declared, others, ...program }) => {
    const { resources, errors, warnings } = await runProgram({
      ...program,
      answer: (resource) => {
        return resource.type.startsWith('kubernetes:') ? { metadata: resource.inputs.metadata } : answerOfAws(resource);
      },
    });
    expect([errors, warnings]).toEqual([[], []]);
    const objects = resources
      .filter(({ type, name }) => type.startsWith('kubernetes:') && !others.includes(name))
      .map(({ inputs }) => revealedSecrets(inputs) as Manifest);
    const wanted = declared();
    expect(wanted.length).toBeGreaterThan(15);
    expect(byIdentity(objects)).toEqual(byIdentity(wanted));
  },
  120_000,
);
