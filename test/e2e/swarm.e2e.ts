import { swarmLab } from './proofs/swarm-lab';
import { SwarmStage, startSwarm } from './support/swarm-stage';

let stage: SwarmStage;
const onStage = () => stage;

beforeAll(async () => {
  stage = new SwarmStage(await startSwarm(3, (message) => process.stderr.write(`lab: ${message}\n`)));
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
