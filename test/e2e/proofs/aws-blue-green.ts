import type { App } from 'cdk8s';
import * as blueGreen from '../../../examples/blue-green/main';
import { until } from '../lab/wait';
import { OWN_ACCOUNT } from '../support/aws/accounts';
import type { AwsLab } from '../support/aws/aws-lab';
import { EdgeOnAws } from '../support/aws/edge-on-aws';

const ZONE = blueGreen.ZONE.id ?? '';

/** blue-green: what one number makes of the answers, written by the external-dns of each cluster. */
export function awsBlueGreen(lab: () => AwsLab): void {
  beforeEach(async () => {
    await lab().api.useZones([{ account: OWN_ACCOUNT, ...blueGreen.ZONE }]);
  });

  afterAll(() => {
    lab().api.cluster = `arn:aws:eks:eu-central-1:${OWN_ACCOUNT}:cluster/prod`;
  });

  test('10, 50 and 100 of 100 answers lead to the green edge', async () => {
    const { api, figures } = lab();
    const before = api.recorded.length;
    for (const greenPercent of [10, 50, 100]) {
      for (const color of ['blue', 'green']) await announce(color, greenPercent);
      expect(await steered()).toEqual(
        [
          ...['A', 'AAAA'].map((type) => share('blue', type, 100 - greenPercent)),
          ...['A', 'AAAA'].map((type) => share('green', type, greenPercent)),
        ].sort(),
      );
    }
    expect(api.recorded.slice(before).filter(({ isPermitted }) => !isPermitted)).toEqual([]);
    figures.add({
      proof: 'AWS',
      what: 'blue-green: 10, 50, 100 of 100 answers moved by the number',
      served: 'A and AAAA of both edges, with exactly these weights after each step',
    });
  });

  /** What one of both clusters does when it is told the number: here one after the other, at one API server. */
  async function announce(color: string, greenPercent: number): Promise<void> {
    const { api } = lab();
    api.cluster = `arn:aws:eks:eu-central-1:${OWN_ACCOUNT}:cluster/${color}`;
    const edge = new EdgeOnAws(lab(), (app) => build(app, greenPercent, lab()), {
      only: (path) => path.includes(`-${color}-`) || path.startsWith(`iam/${color}-`),
    });
    await edge.play(async () => {
      const program = await edge.externalDns();
      const weight = color === 'green' ? greenPercent : 100 - greenPercent;
      await until(`the records of ${color}`, { seconds: 60 }, async () => {
        const records = await steered();
        return ['A', 'AAAA'].every((type) => records.includes(share(color, type, weight)));
      });
      expect(program.log()).not.toContain('"level":"error"');
    });
  }

  const steered = async () => (await lab().api.records(ZONE)).filter((record) => record.startsWith('shop.')).sort();
}

function share(color: string, type: string, weight: number): string {
  return `shop.example.com. ${type} ALIAS ${color}.example.com of ${ZONE} ${color} ${weight}`;
}

function build(app: App, greenPercent: number, { acmeServer }: AwsLab): void {
  blueGreen.build(app, { server: acmeServer, greenPercent });
}
