import { swarmKeyValue, swarmRedis } from './proofs/swarm-consul';
import { swarmLab } from './proofs/swarm-lab';
import { swarmSharedFiles } from './proofs/swarm-shared-files';
import { SwarmStage } from './support/swarm-stage';

let stage: SwarmStage;
const onStage = () => stage;

beforeAll(async () => {
  stage = await SwarmStage.start((message) => process.stderr.write(`lab: ${message}\n`));
});

beforeEach(() => {
  process.stderr.write(`proof: ${expect.getState().currentTestName}\n`);
});

afterEach(() => stage?.client.endLoads());

afterAll(() => {
  if (stage === undefined) return;
  stage.figures.save('swarm');
  stage.lab.abandon();
});

describe('Swarm lab', () => swarmLab(onStage));
describe('Swarm: shared files', () => swarmSharedFiles(onStage));
describe('Swarm: key-value store', () => swarmKeyValue(onStage));
describe('Swarm: key-value store, Redis', () => swarmRedis(onStage));
