import { filesOf } from '../../test/support/synthesize';
import { build, PRODUCTION } from './main';

test('what is written to dist', () => {
  const files = filesOf((app) => build(app, PRODUCTION));
  for (const [path, text] of Object.entries(files)) expect(text).toMatchSnapshot(path);
});
