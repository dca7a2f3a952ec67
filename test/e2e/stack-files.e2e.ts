import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { WrittenStack } from '../support/stacks';
import { SWARM_DECLARATIONS } from '../support/swarm-declarations';
import { filesOf } from '../support/synthesize';
import { Docker } from './lab/docker';
import { program } from './lab/parts';
import { claimState, type LabState, sweep } from './lab/state';

/** Stack files as Docker's own client reads them; no engine is needed. */

let state: LabState;

beforeAll(() => {
  state = claimState();
});

afterAll(() => {
  if (state !== undefined) sweep(state);
});

/** What the client makes of a stack file that lies in a folder with its configs. */
async function asRead(files: Readonly<Record<string, string>>, name: string) {
  const folder = join(state.folder, 'stack');
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const client = new Docker(program('docker'), 'unix:///nowhere', state.folder);
  return client.run(['stack', 'config', '--compose-file', join(folder, name)], { mayFail: true });
}

describe('Stack files', () => {
  test.each(Object.entries(SWARM_DECLARATIONS))('%s', async (_, declare) => {
    const files = filesOf(declare);
    const stacks = Object.keys(files).filter((path) => path.endsWith('.stack.yml'));
    expect(stacks).not.toEqual([]);
    for (const name of stacks) {
      const { status, stdout, stderr } = await asRead(files, name);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(said(parse(stdout))).toEqual(said(parse(files[name] ?? '', reviveDollars)));
    }
  });

  test('what the client refuses is seen to be refused', async () => {
    const { status, stderr } = await asRead(
      { 'edge.stack.yml': 'services: {a: {image: b, mem_limit: 1g}}' },
      'edge.stack.yml',
    );
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('forbidden properties') });
  });
});

/** What the client says in the words of the file; times, sizes and what is false it says in its own. */
function said({ services, networks = {}, volumes = {}, configs = {}, secrets = {} }: WrittenStack): object {
  const told = ({
    image,
    command,
    entrypoint,
    environment = {},
    user,
    deploy = {},
    ...service
  }: WrittenStack['services'][string]) => ({
    ...{ image, command, entrypoint, environment, user, labels: deploy.labels },
    networks: Object.keys(service.networks ?? {}).sort(),
    mounts: service.volumes?.map(({ source, target }: { source?: string; target: string }) => [source, target]),
    configs: service.configs,
    secrets: service.secrets,
    ports: service.ports,
    check: service.healthcheck?.test,
    capabilities: [service.cap_drop, service.cap_add],
    placement: deploy.placement,
    order: [deploy.mode, deploy.endpoint_mode, deploy.update_config?.order, deploy.rollback_config?.order],
  });
  return {
    services: Object.fromEntries(Object.entries(services).map(([name, service]) => [name, told(service)])),
    networks,
    volumes,
    configs: Object.entries(configs).map(([name, config]) => [name, config.name]),
    secrets,
  };
}

/** A dollar is written twice, so that the client does not take what follows for a variable. */
function reviveDollars(_: unknown, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('$$', '$') : value;
}
