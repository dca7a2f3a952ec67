import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cli } from '../support/cli';

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
const cli = new Cli(__dirname);
afterAll(() => cli.remove());

test('--version tells the version of the package', async () => {
  expect(await cli.run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
});
