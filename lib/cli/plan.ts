import { Command, Option } from 'commander';
import { NODE_TTL_SECONDS } from '../model/drain';
import { type PlanStep, waitedSeconds } from '../model/leave-plan';
import { type NodePlanRequest, nodePlan, nodePlanFindings, type PlannedNode } from '../model/node-plan';
import { type Finding, locate } from '../model/problem';
import { parseNode } from '../verify/node';
import { many } from './settings-options';
import { UserError } from './user-error';

interface PlanOptions {
  readonly host?: readonly string[];
  readonly ttl: string;
  readonly fixed: boolean;
  readonly output: keyof typeof FORMS;
}

/** `traefik-ha plan`: how nodes of an edge are replaced without a failed request. */
export function planCommand(): Command {
  return (
    new Command('plan')
      .summary('say how nodes of an edge are replaced, step by step')
      .description(
        'Writes the steps by which nodes of an edge are replaced one after the other, so that no request of a client that ' +
          'honours the time to live fails: withdraw, wait, drain, replace, verify, restore. It does nothing itself.',
      )
      .usage('<nodes...> --host <names> [options]')
      // None is told together with all else that is wrong.
      .argument(
        '[nodes...]',
        'the nodes by name; NAME=ADDRESS or NAME=ADDRESS:PORT where clients reach one at another place than the cluster says',
      )
      .addOption(many('--host <names>', 'required: hosts that each node must serve before it is restored'))
      .addOption(new Option('--ttl <seconds>', 'how long resolvers may keep the addresses').default(TTL, TTL))
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
        const problems = [
          ...locate(findings.nodes, 'nodes'),
          ...locate(findings.hosts, '--host'),
          ...locate(findings.ttlSeconds.map(asGiven(options.ttl)), '--ttl'),
        ];
        if (problems.length > 0) throw UserError.of(problems);
        process.stdout.write(FORMS[options.output](nodePlan(props)));
      })
  );
}

const TTL = String(NODE_TTL_SECONDS);

const EXAMPLES = `
Examples:
  traefik-ha plan node1 node2 node3 --host shop.example.com
  traefik-ha plan node1 --host shop.example.com --output sh > replace.sh && sh replace.sh
`;

function propsOf(nodes: readonly string[], { host = [], ttl, fixed }: PlanOptions): NodePlanRequest {
  const ttlSeconds = /^\d+$/.test(ttl) ? Number(ttl) : Number.NaN;
  return { nodes: nodes.map(plannedNode), hosts: host, ttlSeconds, isWatched: !fixed };
}

/** `node1`, `node1=203.0.113.11` or `node1=203.0.113.11:8443`. */
function plannedNode(text: string): PlannedNode {
  const [name = '', ...rest] = text.split('=');
  if (rest.length === 0) return { name };
  const place = rest.join('=');
  const parsed = parseNode(place);
  // What is none is told as it was given.
  return 'node' in parsed ? { name, address: parsed.node.host, port: parsed.node.port } : { name, address: place };
}

/** What is said of the time to live, in the words of the option. */
function asGiven(value: string): (finding: Finding) => Finding {
  const fix = `Write seconds such as --ttl 60, or leave it out for ${TTL}`;
  return (finding) => ({ ...finding, value, fix });
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

/**
 * Ends at the first command that fails, and says how to go on from there; what a person has to do is asked for. Nothing
 * is begun where a program is missing.
 */
export function scriptOf(steps: readonly PlanStep[]): string {
  const cases = steps.flatMap(({ kind, who, says, byHand, commands, waitSeconds }, index) => [
    `    ${index + 1})`,
    ...[
      `# ${says}`,
      `echo '${index + 1}. ${who}: ${kind}'`,
      ...(byHand === undefined ? [] : [`echo '${byHand.replaceAll("'", "'\\''")} Then press Enter.'`, 'read -r _']),
      ...commands,
      ...(waitSeconds === undefined ? [] : [`sleep ${waitSeconds}`]),
    ].map((line) => `      ${line}`),
    '      ;;',
  ]);
  return [scriptHead(steps.length), ...cases, SCRIPT_END].join('\n');
}

function scriptHead(last: number): string {
  return `#!/bin/sh
# Does all steps, or those from the one whose number is given.
set -eu

for program in kubectl npx awk; do
  command -v "$program" >/dev/null || {
    echo "There is no $program here. Nothing was begun." >&2
    exit 1
  }
done
npx --no -- traefik-ha --version >/dev/null || {
  echo 'npx finds no traefik-ha here: run npm install traefik-ha. Nothing was begun.' >&2
  exit 1
}

step=\${1-1}
case $step in
  '' | 0* | *[!0-9]*) step=${last + 1} ;;
esac
if [ "$step" -gt ${last} ]; then
  echo "Steps are 1 to ${last}, and not \${1-}." >&2
  exit 2
fi

failed() {
  status=$?
  [ "$status" -eq 0 ] || echo "Step $step was not done. When what is wrong is mended, go on: sh $0 $step" >&2
  exit "$status"
}
trap failed EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

while [ "$step" -le ${last} ]; do
  case $step in`;
}

const SCRIPT_END = `  esac
  step=$((step + 1))
done
`;
