import { CLUSTER_SCOPED } from '../../lib/naming';
import type { Manifest } from '../support/synthesize';
import { answerOfAws, declared, EVERYTHING } from './everything';
import { runProgram } from './recording-engine';

const identityOf = ({ apiVersion, kind, metadata: { namespace, name } }: Manifest) =>
  `${apiVersion} ${kind} ${CLUSTER_SCOPED.has(kind) ? '' : namespace}/${name}`;

/** Without what has no value, and without the namespace that cdk8s gives to what can have none. */
function plainly(manifest: Manifest): Manifest {
  const copy = JSON.parse(JSON.stringify(manifest)) as Manifest;
  if (CLUSTER_SCOPED.has(copy.kind)) delete copy.metadata.namespace;
  return copy;
}

test('the same declaration, by constructs and by components with Outputs, is the same objects', async () => {
  const { resources, errors, warnings } = await runProgram({
    program: EVERYTHING,
    answer: (resource) => {
      return resource.type.startsWith('aws:') ? answerOfAws(resource) : { metadata: resource.inputs.metadata };
    },
  });
  expect([errors, warnings]).toEqual([[], []]);
  const objects = resources
    .filter(({ type, name }) => type.startsWith('kubernetes:') && name !== 'words')
    .map(({ inputs }) => inputs as Manifest);
  const byIdentity = (manifests: readonly Manifest[]) =>
    Object.fromEntries(manifests.map((manifest) => [identityOf(manifest), plainly(manifest)]).sort());
  const wanted = declared();
  expect(wanted.length).toBeGreaterThan(35);
  expect(byIdentity(objects)).toEqual(byIdentity(wanted));
}, 120_000);
