import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
/** What the build writes last. */
const LAST = join(ROOT, 'build/pulumi/index.js');

/**
 * Builds the package once for all tests of a run, where it is older than what it is made of: programs of tests import
 * it by its name, and several that built it side by side would take it from one another.
 */
export default function built(): void {
  const sources = readdirSync(join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).map((path) => `lib/${path}`);
  const newest = Math.max(...[...sources, 'package.json'].map((path) => statSync(join(ROOT, path)).mtimeMs));
  if (existsSync(LAST) && statSync(LAST).mtimeMs > newest) return;
  execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}
