import { parse } from 'yaml';
import { TraefikHaError } from '../../lib/model/problem';
import { SwarmStack, type SwarmStackProps } from '../../lib/swarm/swarm-stack';
import { filesOf } from './synthesize';

/** A stack as it was read from YAML. */
// biome-ignore lint/suspicious/noExplicitAny: tests look anywhere into what was read from YAML.
export type WrittenStack = Record<'services' | 'networks' | 'volumes' | 'configs' | 'secrets', Record<string, any>>;

/** The files of a stack `edge`, and the stack itself as the engine's client reads it, but for escaped dollars. */
export function writtenStack(
  build: (stack: SwarmStack) => void,
  props?: SwarmStackProps,
): { readonly stack: WrittenStack; readonly files: Record<string, string> } {
  const files = filesOf((app) => build(new SwarmStack(app, 'edge', props)));
  return { stack: parse(files['edge.stack.yml'] ?? ''), files };
}

/** Each problem of a stack `edge`, in a line as it is printed. */
export function stackProblems(build: (stack: SwarmStack) => void, props?: SwarmStackProps): string[] {
  try {
    writtenStack(build, props);
  } catch (error) {
    if (error instanceof TraefikHaError) return error.message.split('\n');
    throw error;
  }
  return [];
}
