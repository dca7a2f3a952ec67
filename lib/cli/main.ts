#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { controllerCommand } from './controller';
import { deriveCommand } from './derive';
import { planCommand } from './plan';
import { UserError } from './user-error';
import { verifyCommand } from './verify';

/** What the process ends with when a command was not given what it needs, and when it fails itself. */
const failure = { usage: 2, fault: 70 };
/** Whether what a command ends with counts though nobody read all that it wrote. */
let isCheck = false;

const { version } = require('../../package.json') as { readonly version: string };

/** The commands, each in a file of its own; this is the only one that ends the process. */
const program = new Command('traefik-ha')
  .version(version)
  .description(
    'Certificates and DNS records for the routes of a highly available Traefik edge, and what its nodes serve.',
  )
  .addCommand(deriveCommand())
  .addCommand(controllerCommand())
  .addCommand(planCommand())
  .addCommand(
    verifyCommand((status) => {
      process.exitCode = status;
    }),
  )
  .hook('preSubcommand', (_, command) => {
    // Monitoring systems take every other number of a check for a state of what is checked.
    if (command.name() !== 'verify') return;
    Object.assign(failure, { usage: 3, fault: 3 });
    isCheck = true;
  })
  .showHelpAfterError('(--help tells what there is)')
  .exitOverride();
for (const command of program.commands) command.copyInheritedSettings(program);

program.parseAsync().then(
  () => {
    // The system may still be looking for a name that nobody waits for any more.
    if (isCheck) process.stdout.write('', (error) => (error ? undefined : process.exit()));
  },
  (error: unknown) => {
    if (error instanceof CommanderError) {
      // What is wrong with the words of a command was said already.
      process.exitCode = error.exitCode === 0 ? 0 : failure.usage;
    } else if (error instanceof UserError) {
      process.stderr.write(error.lines.map((line) => `${line}\n`).join(''));
      process.exitCode = failure.usage;
    } else {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = failure.fault;
    }
  },
);

// Who reads no further, such as head, has what they want.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && isCheck) return;
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`${error.message}\n`);
  process.exit(failure.fault);
});
