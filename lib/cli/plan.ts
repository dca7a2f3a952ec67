import { Command, Option } from 'commander';
import { NODE_TTL_SECONDS } from '../model/drain';
import { type PlanStep, waitedSeconds } from '../model/leave-plan';
import { type NodePlanRequest, nodePlan, nodePlanFindings } from '../model/node-plan';
import { locate } from '../model/problem';
import { many } from './settings-options';
import { UserError } from './user-error';

interface PlanOptions {
  readonly host: readonly string[];
  readonly ttl: number;
  readonly fixed: boolean;
  readonly output: keyof typeof FORMS;
}

/** `traefik-ha plan`: how nodes of an edge are replaced without a failed request. */
export function planCommand(): Command {
  return new Command('plan')
    .summary('say how nodes of an edge are replaced, step by step')
    .description(
      'Writes the steps by which nodes of an edge are replaced one after the other, so that no request of a client that ' +
        'honours the time to live fails: withdraw, wait, drain, replace, verify, restore. It does nothing itself.',
    )
    .argument(
      '<nodes...>',
      'the nodes by name; NAME=ADDRESS where clients reach one at another address than the cluster says',
    )
    .addOption(many('--host <names>', 'hosts that each node must serve before it is restored').makeOptionMandatory())
    .option('--ttl <seconds>', 'how long resolvers may keep the addresses', Number, NODE_TTL_SECONDS)
    .option('--fixed', 'the program tells the addresses (EdgeNodes.fixed), no controller keeps them', false)
    .addOption(
      new Option('--output <form>', 'for people, for programs, or for sh')
        .choices(['text', 'json', 'sh'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action((nodes: string[], options: PlanOptions) => {
      const props = propsOf(nodes, options);
      const findings = nodePlanFindings(props);
      if (findings.length > 0) throw UserError.of(locate(findings, 'options'));
      process.stdout.write(FORMS[options.output](nodePlan(props)));
    });
}

const EXAMPLES = `
Examples:
  traefik-ha plan node1 node2 node3 --host shop.example.com
  traefik-ha plan node1 --host shop.example.com --output sh > replace.sh && sh replace.sh
`;

function propsOf(nodes: readonly string[], { host, ttl, fixed }: PlanOptions): NodePlanRequest {
  return {
    nodes: nodes.map((node) => {
      const [name = '', ...address] = node.split('=');
      return address.length === 0 ? { name } : { name, address: address.join('=') };
    }),
    ...{ hosts: host, ttlSeconds: ttl, isWatched: !fixed },
  };
}

const FORMS = { text: textOf, json: jsonOf, sh: scriptOf };

function textOf(steps: readonly PlanStep[]): string {
  const paragraphs = steps.map(({ kind, who, says, byHand, commands, waitSeconds }, index) => {
    const todo = [
      ...(byHand === undefined ? [] : [byHand]),
      ...commands.map((command) => `$ ${command}`),
      ...(waitSeconds === undefined ? [] : [`Wait ${waitSeconds} s.`]),
    ];
    return [`${index + 1}. ${who}: ${kind}. ${says}`, ...todo.map((line) => `   ${line}`)].join('\n');
  });
  return `${paragraphs.join('\n')}\n\nIt waits ${Math.ceil(waitedSeconds(steps) / 60)} min in all.\n`;
}

function jsonOf(steps: readonly PlanStep[]): string {
  return `${JSON.stringify({ waitSeconds: waitedSeconds(steps), steps }, undefined, 2)}\n`;
}

/** Ends at the first command that fails; what a person has to do is asked for. */
function scriptOf(steps: readonly PlanStep[]): string {
  const lines = steps.flatMap(({ kind, who, says, byHand, commands, waitSeconds }) => [
    ...['', `# ${who}: ${kind}. ${says}`, `echo '${who}: ${kind}'`],
    ...(byHand === undefined ? [] : [`echo '${byHand.replaceAll("'", "'\\''")} Then press Enter.'`, 'read -r _']),
    ...commands,
    ...(waitSeconds === undefined ? [] : [`sleep ${waitSeconds}`]),
  ]);
  return ['#!/bin/sh', 'set -eu', ...lines, ''].join('\n');
}
