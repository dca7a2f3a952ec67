import { runNow } from './command';

/** The libraries that a program is linked with, each at its own path. */
export function librariesOf(program: string): Record<string, string> {
  const { stdout } = runNow(['ldd', program], { mayFail: true });
  const paths = [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path as string);
  return Object.fromEntries(paths.map((path) => [path, path]));
}
