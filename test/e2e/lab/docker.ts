import { get } from 'node:http';
import { text } from 'node:stream/consumers';
import { type CommandOptions, type CommandResult, run } from './command';

/** Docker's command line, speaking to one engine through its socket. */
export class Docker {
  public constructor(
    private readonly program: string,
    /** What DOCKER_HOST is for it. */
    public readonly host: string,
    /** A folder in the place of ~/.docker. */
    private readonly configuration: string,
  ) {}

  public run(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    const env = {
      ...options.env,
      DOCKER_HOST: this.host,
      DOCKER_CONFIG: this.configuration,
      DOCKER_CONTEXT: undefined,
    };
    return run([this.program, ...args], { ...options, env });
  }

  /** What a command prints, a line each. */
  public async lines(args: readonly string[]): Promise<string[]> {
    return (await this.run(args)).stdout.split('\n').filter(Boolean);
  }

  /** Objects by their ids, as the engine's API has them. */
  // biome-ignore lint/suspicious/noExplicitAny: objects are as the engine gives them
  public async inspect(type: string, ids: readonly string[]): Promise<any[]> {
    if (ids.length === 0) return [];
    return JSON.parse((await this.run(['inspect', '--type', type, ...ids])).stdout);
  }

  /** A service as it was declared; by {@link inspect} it has the engine's defaults as well. */
  // biome-ignore lint/suspicious/noExplicitAny: objects are as the engine gives them
  public declared(service: string): Promise<any> {
    const options = { socketPath: this.host.replace('unix://', ''), path: `/services/${service}` };
    return new Promise((resolve, reject) => {
      get(options, (answer) => text(answer).then(JSON.parse).then(resolve, reject)).once('error', reject);
    });
  }
}
