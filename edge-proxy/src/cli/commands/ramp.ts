import type { Command } from 'commander';
import type { ChangedRoute, RampView } from '../../admin-api/schemas.ts';
import { checkedPlan, judgedByOption, onFailOption, parseGates, parseMinimumUsers, parseSteps } from '../arguments.ts';
import type { OwnPlan } from '../arguments.ts';
import { reasonFor } from '../ask.ts';
import { revisionFor, waitMsOf, withChangeOptions, withFollowingOptions } from '../change-options.ts';
import type { ChangeOptions, FollowingOptions } from '../change-options.ts';
import type { CommandContext } from '../command-context.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { rampText } from '../ramp-text.ts';
import { reportChange } from '../report-change.ts';

type PlanOptions = Omit<OwnPlan, 'steps'>;
type RampOptions = FollowingOptions & { plan?: string } & PlanOptions;

/** What an operator orders while a ramp is under way, whatever the revision; nothing is asked. */
const ORDERS = {
  pause: 'keep a ramp at its step; what people meet is still judged, and a failure still sends them back',
  resume: 'let a paused ramp go on; judge a frozen one anew',
  freeze: 'keep a ramp where it is, and judge it no longer',
} as const;

/** `edgectl ramp`, `pause`, `resume`, `promote` and `freeze` */
export function addRampCommands(program: Command, context: CommandContext): void {
  withFollowingOptions(program.command('ramp').argument('<route>'))
    .description('start a ramp that goes from weight to weight by itself, and back if a gate fails')
    .option('--plan <steps>', '"10 % for 10 m, 25 % manual, 100 %" (default: the plan of the route file)', parseSteps)
    .addOption(onFailOption())
    .option(
      '--minimum-users <n>',
      'people on the new side before a step may be left; with --plan (default: 20)',
      parseMinimumUsers,
    )
    .addOption(judgedByOption())
    .option('--gates <json>', 'limits and custom gates as the route file has them; with --plan', parseGates)
    .action(async (route: string, options: RampOptions) => {
      const plan = planOf(options);
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const follow = { revision: await revisionFor(client, route, options), waitMs: waitMsOf(options) ?? 0 };
      const changed = await client.order(route, 'ramp', { reason, ...(plan && { plan }) }, follow);
      const did = { what: 'ramp started', notes: planLines(changed) };
      await reportChange(changed, { client, context, waitMs: waitMsOf(options), did });
    });

  withFollowingOptions(program.command('promote').argument('<route>'))
    .description('take a ramp to its next step at once, whatever its gates say')
    .action(async (route: string, options: FollowingOptions) => {
      const reason = await reasonFor(options.reason, context.io);
      const client = await context.connect();
      const follow = { revision: await revisionFor(client, route, options), waitMs: waitMsOf(options) ?? 0 };
      const changed = await client.order(route, 'promote', { reason }, follow);
      const did = { what: changed.ramp ? rampText(changed.ramp) : 'promoted' };
      await reportChange(changed, { client, context, waitMs: waitMsOf(options), did });
    });

  for (const [order, description] of Object.entries(ORDERS) as [keyof typeof ORDERS, string][]) {
    withChangeOptions(program.command(order).argument('<route>'))
      .description(description)
      .action(async (route: string, options: ChangeOptions) => {
        const reason = await reasonFor(options.reason, context.io);
        const client = await context.connect();
        const changed = await client.order(route, order, { reason }, { waitMs: waitMsOf(options) ?? 0 });
        const did = { what: changed.ramp ? rampText(changed.ramp) : order };
        await reportChange(changed, { client, context, waitMs: waitMsOf(options), did });
      });
  }
}

const OPTION_OF: Readonly<Record<keyof PlanOptions, string>> = {
  onFail: '--on-fail',
  minimumUsers: '--minimum-users',
  judgedBy: '--judged-by',
  gates: '--gates',
};

function planOf(options: RampOptions): OwnPlan | undefined {
  const names = (Object.keys(OPTION_OF) as (keyof PlanOptions)[]).filter((name) => options[name] !== undefined);
  if (options.plan !== undefined) {
    return checkedPlan({ steps: options.plan, ...Object.fromEntries(names.map((name) => [name, options[name]])) });
  }
  const [first] = names;
  if (first === undefined) return undefined;
  throw new CommandError(EXIT.usage, `${OPTION_OF[first]} needs --plan: the plan of the route file stays as it is`);
}

/** What is going to happen, and where it ends. */
function planLines({ ramp, sides, route }: ChangedRoute): string[] {
  if (!ramp) return [];
  const steps = ramp.plan.steps.split(', ').map((step, index) => stepLine(step, index + 1, { route, ramp }));
  const failure = ramp.plan.on_fail === 'rollback' ? `everybody is sent back to ${sides.old}` : 'the ramp is frozen';
  const last = ramp.steps.at(-1)!;
  const end =
    last.weight < 100 ? [] : [`It ends at 100 % without asking again: ${sides.old} then serves nobody on this route.`];
  const least = ramp.plan.minimum_users;
  const passes =
    ramp.plan.judged_by === 'people'
      ? `every gate passes, with ${least} people on ${sides.new} at least`
      : `every custom gate passes, each with ${least} requests at least, whatever people meet`;
  return [
    ...steps,
    `A step is left once ${passes}; if one fails, ${failure}.`,
    ...end,
    `Look on with edgectl verdict ${route}; edgectl pause ${route} keeps it where it is.`,
  ];
}

/** @param step as the plan has it: `10 % for 10 m manual` */
function stepLine(step: string, number: number, { route, ramp }: { route: string; ramp: RampView }): string {
  const bake = step.replace(/ manual$/, '').replace(/ for .*$/, '$& at least');
  const manual = step.endsWith(' manual') ? `, left by edgectl promote ${route}` : '';
  return `  ${number}. ${bake}${manual}${number === ramp.step ? '  ← in force' : ''}`;
}
