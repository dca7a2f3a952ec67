import { filesOf } from '../../test/support/synthesize';
import { build, PRODUCTION } from './main';

test('what is written to dist', () => {
  const files = filesOf((app) => build(app, PRODUCTION));
  // The scripts stand in lib/scripts as they are.
  const own = Object.entries(files).filter(([path]) => !path.endsWith('.sh'));
  for (const [path, text] of own) expect(text).toMatchSnapshot(path);
});
