import * as blueGreen from '../../../examples/blue-green/main';
import * as crossAccount from '../../../examples/cross-account/main';
import * as route53 from '../../../examples/route53/main';
import type { AwsLab } from '../support/aws/aws-lab';
import { EdgeOnAws } from '../support/aws/edge-on-aws';

/** What `cdk8s synth` writes is taken as it is: every object, strictly, without a warning. */
export function awsAccepted(lab: () => AwsLab): void {
  test.each([
    ['route53', (app) => route53.build(app, route53.PRODUCTION)],
    ['cross-account', (app) => crossAccount.build(app, crossAccount.PRODUCTION)],
    ['blue-green, the blue cluster', (app) => blueGreen.build(app, blueGreen.PRODUCTION), 'blue'],
    ['blue-green, the green cluster', (app) => blueGreen.build(app, blueGreen.PRODUCTION), 'green'],
  ] as [string, ConstructorParameters<typeof EdgeOnAws>[1], string?][])('%s', async (_, build, color = '') => {
    const edge = new EdgeOnAws(lab(), build, { only: (path) => path.includes(color) });
    await edge.play(async () => {});
  });
}
