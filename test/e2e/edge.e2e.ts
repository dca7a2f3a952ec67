import { crdFiles } from '../support/schemas';
import { accepted } from './proofs/accepted';
import { drained } from './proofs/drained';
import { faults } from './proofs/faults';
import { hostNetwork } from './proofs/host-network';
import { kubernetesEtcd } from './proofs/kubernetes-etcd';
import { permissions } from './proofs/permissions';
import { pulumi } from './proofs/pulumi';
import { refused } from './proofs/refused';
import { renewed } from './proofs/renewed';
import { rotater } from './proofs/rotater';
import { http01, served, wildcard } from './proofs/served';
import { installCertManager } from './support/cert-manager';
import { Stage, startLab } from './support/stage';

let stage: Stage;
const onStage = () => stage;

beforeAll(async () => {
  const say = (message: string) => process.stderr.write(`lab: ${message}\n`);
  stage = new Stage(await startLab(3, say));
  say('custom resource definitions, cert-manager');
  await stage.kubectl.run(['apply', '--server-side', ...crdFiles().flatMap((file) => ['-f', file])]);
  await installCertManager(stage.lab);
});

beforeEach(() => {
  process.stderr.write(`proof: ${expect.getState().currentTestName}\n`);
});

afterEach(() => stage?.client.endLoads());

afterAll(() => {
  if (stage === undefined) return;
  stage.figures.save('edge');
  stage.lab.abandon();
});

describe('Accepted', () => accepted(onStage));
describe('Pulumi', () => pulumi(onStage));
describe('Served: HTTP-01 through the redirect', () => http01(onStage));
describe('Served: a wildcard for several namespaces', () => wildcard(onStage));
describe('Served: kubernetes-etcd', () => kubernetesEtcd(onStage));
describe('Host network', () => hostNetwork(onStage));
describe('Served: full-stack', () => served(onStage));
describe('Renewed', () => renewed(onStage));
describe('Rolled and drained', () => drained(onStage));
describe('Refused', () => refused(onStage));
describe('Rotater', () => rotater(onStage));
describe('Faults', () => faults(onStage));
describe('Exact permissions', () => permissions(onStage));
