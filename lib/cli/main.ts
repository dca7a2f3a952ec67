#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { controllerCommand } from './controller';
import { deriveCommand } from './derive';
import { planCommand } from './plan';
import { UserError } from './user-error';

/** The commands, each in a file of its own; this is the only one that ends the process. */
const program = new Command('traefik-ha')
  .description('Certificates and DNS records for the routes of a highly available Traefik edge.')
  .addCommand(deriveCommand())
  .addCommand(controllerCommand())
  .addCommand(planCommand())
  .showHelpAfterError('(--help tells what there is)')
  .exitOverride();
for (const command of program.commands) command.copyInheritedSettings(program);

program.parseAsync().then(
  () => {},
  (error: unknown) => {
    if (error instanceof CommanderError) {
      // What is wrong with the words of a command was said already.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
    } else if (error instanceof UserError) {
      process.stderr.write(error.lines.map((line) => `${line}\n`).join(''));
      process.exitCode = 2;
    } else {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = 70;
    }
  },
);

// Who reads no further, such as head, has what they want.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`${error.message}\n`);
  process.exit(70);
});
