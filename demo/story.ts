import { setTimeout as delay } from 'node:timers/promises';
import { mendRelease, rampThroughLostLeader, rampToTheEnd, rampUntilRolledBack } from './acts.ts';
import type { Plan } from './acts.ts';
import type { Fault } from './coach-orders.ts';
import type { Commentary } from './commentary.ts';
import type { Narrator } from './narrator.ts';
import { adminUrl, everywhere, livingEdges } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Answer } from './traffic.ts';

export type StoryOptions = { fault: Fault; isFast: boolean };

/** Who plays it, and who tells it. */
export type Telling = { scene: Scene; narrator: Narrator; commentary: Commentary };

const TURNS_BAD_AT = 25;
const LOSES_LEADER_AT = 50;
/** As it is promised: from the decision to every edge. */
const BACK_WITHIN_MS = 2000;

const FAULT_IN_WORDS: Readonly<Record<Fault, string>> = {
  errors: 'answers 500',
  slow: 'makes everybody wait for longer than the objective',
  wrong: 'answers 200 with five exercises, or with one of them twice',
  unauthorized: 'answers 401 to every token',
};

/** The three ramps. @returns what happened, in one line @throws Error if it did not go as promised */
export async function tellStory(telling: Telling, { fault, isFast }: StoryOptions): Promise<string> {
  const { scene, narrator, commentary } = telling;
  const [baked, breathMs] = isFast ? [2, 500] : [10, 3000];
  const planWith = (at25: string): Plan => ({
    steps: `10 % for ${baked} s, ${TURNS_BAD_AT} % for ${at25}, ${LOSES_LEADER_AT} % for ${baked + 2} s, 100 %`,
    minimumUsers: 5,
    // A machine that stalls makes everybody wait, whichever the side.
    gates: { slowPercent: 20 },
  });
  narrator.headline('1. A good release is ramped from 0 to 100 %, and nobody touches anything');
  await commentary.toldAll(await rampToTheEnd(scene, planWith(`${baked} s`), 'a good release'));
  await delay(breathMs);
  narrator.headline(`2. The next release turns bad at ${TURNS_BAD_AT} %`);
  await scene.stack.api.rollBack(adminUrl(scene), 'everybody back, the next release comes');
  await everywhere(scene, 0);
  const rolledBack = await tellRollback(telling, fault, planWith('1 m'));
  await delay(breathMs);
  narrator.headline('3. The release is mended, and ramped again');
  await mendRelease(scene);
  const secondRamp = await tellSecondRamp(telling, planWith(`${baked} s`));
  await delay(breathMs);
  return [rolledBack, peopleInWords(scene, fault), secondRamp].join('; ');
}

async function tellRollback({ scene, narrator, commentary }: Telling, fault: Fault, plan: Plan): Promise<string> {
  const { entries, entry, firstBadAt, decidedAt, everywhereAt } = await rampUntilRolledBack(scene, plan, {
    fault,
    weight: TURNS_BAD_AT,
    turned: () => narrator.bad(`the release turns bad: it ${FAULT_IN_WORDS[fault]}`),
  });
  await commentary.toldAll(entries);
  const gate = entry.verdicts.find(({ verdict }) => verdict === 'fail')?.gate;
  const times = entries.filter(({ actor, after }) => actor === 'ramp' && after.weight === 0).length;
  if (gate === undefined || times !== 1) throw new Error(`it was rolled back ${times} times: ${entry.reason}`);
  const backAfterMs = everywhereAt - decidedAt;
  if (backAfterMs > BACK_WITHIN_MS) throw new Error(`it took ${backAfterMs} ms until every edge was at 0 %`);
  const edges = livingEdges(scene).length;
  const seenAfter = seconds(decidedAt - firstBadAt);
  narrator.tell(
    `Decided ${seenAfter} after the first person met that, in force on ${edges === 1 ? 'the edge' : `all ${edges} edges`} ` +
      `${backAfterMs} ms later.`,
  );
  return `rolled back at ${TURNS_BAD_AT} % ${seenAfter} after the first person met a bad answer (gate ${gate})`;
}

async function tellSecondRamp({ scene, narrator, commentary }: Telling, plan: Plan): Promise<string> {
  const [pageIsOn, ...others] = livingEdges(scene);
  if (others.length === 0) {
    narrator.tell('There is one edge, so none is killed: several share a redis-server, which is not here.');
    await commentary.toldAll(await rampToTheEnd(scene, plan, 'the mended release'));
    return 'the mended release went to 100 %';
  }
  narrator.tell(`At ${LOSES_LEADER_AT} % the edge that leads will be killed (kill -9).`);
  const { killed, entries } = await rampThroughLostLeader(scene, plan, {
    weight: LOSES_LEADER_AT,
    killed: ({ id }) => {
      narrator.bad(`${id}, which led, is killed`);
      if (id === pageIsOn!.id) void tellPage({ scene, narrator }).catch(() => undefined);
    },
    replaced: ({ id }, afterMs) => narrator.good(`${id} leads, ${seconds(afterMs)} later, and goes on from there`),
  });
  await commentary.toldAll(entries);
  return `the mended release went to 100 % although ${killed}, which led, was killed at ${LOSES_LEADER_AT} %`;
}

/** Prints a link to the page. */
export async function tellPage({ scene, narrator }: Omit<Telling, 'commentary'>): Promise<void> {
  const link = await scene.stack.api.pageLink(adminUrl(scene));
  narrator.tell(`The page (the link logs in once, for a minute from now): ${link}`);
}

/** @throws Error if somebody met a failure that the monolith could have spared */
function peopleInWords({ traffic: { answers } }: Scene, fault: Fault): string {
  const failed = answers.filter(({ status }) => status !== 200);
  // A 4xx is an answer: the monolith never gives another one instead.
  const unspared = fault === 'unauthorized' ? failed.filter(({ status }) => status !== 401) : failed;
  if (unspared.length > 0)
    throw new Error(`${unspared.length} requests failed: ${unspared.slice(0, 3).map(inShort).join(', ')}`);
  const saved = answers.filter(({ fallback }) => fallback !== null).length;
  const wrong = answers.filter(({ isRight }) => !isRight).length;
  return [
    failed.length > 0
      ? `${failed.length} of ${answers.length} requests got 401`
      : `none of ${answers.length} requests failed`,
    ...(saved > 0 ? [`${saved} were answered by the monolith instead`] : []),
    ...(wrong > 0 ? [`${wrong} got a wrong workout`] : []),
  ].join(', ');
}

function inShort({ status, servedBy }: Answer): string {
  return `${status} by ${servedBy ?? 'nobody'}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
