import { awsAccepted } from './proofs/aws-accepted';
import { awsBlueGreen } from './proofs/aws-blue-green';
import { awsCrossAccount } from './proofs/aws-cross-account';
import { awsFaults } from './proofs/aws-faults';
import { awsRoute53 } from './proofs/aws-route53';
import { AwsLab } from './support/aws/aws-lab';

/** What touches AWS, against its APIs as the emitted policies let them be seen; no nodes are needed. */

let lab: AwsLab;
const inLab = () => lab;

beforeAll(async () => {
  lab = await AwsLab.start();
});

afterAll(() => {
  if (lab === undefined) return;
  lab.figures.save('aws');
  lab.abandon();
});

beforeEach(() => {
  process.stderr.write(`proof: ${expect.getState().currentTestName}\n`);
});

// A zone that an example has is made anew for each: they are in different accounts.
describe('AWS: accepted', () => awsAccepted(inLab));
describe('AWS: route53', () => awsRoute53(inLab));
describe('AWS: blue-green', () => awsBlueGreen(inLab));
describe('AWS: cross-account', () => awsCrossAccount(inLab));
describe('AWS: faults', () => awsFaults(inLab));
