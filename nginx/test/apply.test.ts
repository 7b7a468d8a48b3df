import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lockFolder } from '@fit/service-kit/exclusive-lock';
import { describeWith } from '@fit/test-kit/components';
import { sendJson, startRecorder } from '@fit/test-kit/recorder';
import type { Recorder } from '@fit/test-kit/recorder';
import { createTokenIssuer } from '@fit/test-kit/tokens';
import { Agent, request } from 'undici';
import { applyConfiguration } from '../src/apply.ts';
import { servedRevision } from '../src/served-revision.ts';
import { nginxWithNjs } from './nginx-component.ts';
import { aPlaceForNginx, startNginxUnderTest, wodPlan } from './nginx-under-test.ts';
import type { NginxUnderTest } from './nginx-under-test.ts';

await describeWith(nginxWithNjs, 'applying a configuration', () => {
  const issuer = createTokenIssuer();
  let legacy: Recorder;
  let coach: Recorder;
  let front: NginxUnderTest;
  const plan = (weight: number) => wodPlan(weight, { legacy: legacy.url, coach: coach.url });
  const rendered = (weight: number) => front.render('direct', plan(weight));
  const apply = async (weight: number) => await applyConfiguration({ ...front, rendered: rendered(weight) });

  beforeAll(async () => {
    const as = (name: string) => startRecorder((_request, res) => sendJson(res, {}, { 'x-served-by': name }));
    [legacy, coach] = [await as('legacy'), await as('coach')];
    front = await startNginxUnderTest('direct', plan(0));
  });
  afterAll(async () => {
    await front?.[Symbol.asyncDispose]();
    await Promise.all([legacy, coach].map((server) => server[Symbol.asyncDispose]()));
  });

  const authorization = `Bearer ${issuer.issue({ sub: 'user-1' })}`;
  const servedBy = async () => {
    const answer = await request(`${front.url}/fitness/wod`, { headers: { authorization }, reset: true });
    await answer.body.dump();
    return answer.headers['x-served-by'];
  };

  test('is in force when it returns', async () => {
    for (const [weight, side] of [
      [100, 'coach'],
      [0, 'legacy'],
      [100, 'coach'],
      [0, 'legacy'],
    ] as const) {
      await apply(weight);
      expect(await servedBy()).toBe(side);
      expect(await servedRevision(front.settings)).toBe(rendered(weight).revision);
    }
  });

  test('loses no request, on connections of their own and on kept ones', async () => {
    const asking = new AbortController();
    const faults: unknown[] = [];
    const sides = new Set<unknown>();
    const client = async (isKept: boolean) => {
      const agent = new Agent({ connections: 1, pipelining: 1 });
      while (!asking.signal.aborted) {
        // A reload closes idle connections, which a client may meet; as every browser does, it asks again on a new one.
        const ask = () =>
          agent.request({
            origin: front.url,
            path: '/fitness/wod',
            method: 'GET',
            headers: { authorization },
            reset: !isKept,
          });
        const answer = await ask().catch((error: Error) => (isKept ? ask() : Promise.reject(error)));
        await answer.body.dump();
        sides.add(answer.headers['x-served-by']);
        if (answer.statusCode !== 200) faults.push(answer.statusCode);
      }
      await agent.destroy();
    };
    const clients = [true, true, true, false, false, false].map((isKept) =>
      client(isKept).catch((error) => faults.push(error)),
    );
    for (const weight of [50, 100, 0, 33.33, 100, 0]) await apply(weight);
    asking.abort();
    await Promise.all(clients);
    expect(faults).toEqual([]);
    expect(sides).toEqual(new Set(['legacy', 'coach']));
  });

  describe('on failure the previous configuration is in force', () => {
    const expectUnchanged = async (broken: Promise<unknown>, message: RegExp) => {
      const file = join(front.folder, 'nginx.conf');
      const before = { text: readFileSync(file, 'utf8'), revision: await servedRevision(front.settings) };
      await expect(broken).rejects.toThrow(message);
      expect({ text: readFileSync(file, 'utf8'), revision: await servedRevision(front.settings) }).toEqual(before);
      expect(readdirSync(front.folder)).not.toContain('nginx.conf.next');
      expect(await servedBy()).toBe('legacy');
    };

    test('when nginx -t refuses it', async () => {
      const { text, revision } = rendered(100);
      const broken = { text: text.replace('worker_processes auto;', 'worker_processes many;'), revision };
      await expectUnchanged(
        applyConfiguration({ ...front, rendered: broken }),
        /nginx refuses the configuration, and nothing has changed:\n.*"worker_processes" directive invalid value/s,
      );
    });

    test('when a request through it fails', async () => {
      await using gone = await startRecorder(() => undefined);
      await gone.refuse();
      const broken = front.render('direct', wodPlan(100, { legacy: gone.url, coach: coach.url }));
      await expectUnchanged(
        applyConfiguration({ ...front, rendered: broken }),
        /GET \/health through the new configuration got a 502; the previous configuration is in force again/,
      );
    });

    test('when the running nginx does not take it', async () => {
      const { text } = rendered(100);
      const broken = { text, revision: '0123456789ab' };
      await expectUnchanged(
        applyConfiguration({ ...front, rendered: broken }),
        /not in force within 5 s of the reload; the previous configuration is in force again/,
      );
    }, 20_000);

    test('when somebody else is applying', async () => {
      const other = lockFolder(join(front.folder, 'apply'));
      // The lock is one process's: another connection of the same process is refused too.
      await expectUnchanged(apply(100), /is in use by process \d+/);
      other.release();
    });
  });

  test.each([
    ['is empty, as a start that failed leaves it', () => ''],
    ['names a process that is none of ours', () => String(process.pid)],
    ['names every process', () => '-1'],
  ])('signals nobody when the pid file %s', async (_, content) => {
    const file = join(front.folder, 'nginx.pid');
    const pid = readFileSync(file, 'utf8');
    writeFileSync(file, content());
    await expect(apply(100)).rejects.toThrow(/^No nginx of ours runs on /);
    writeFileSync(file, pid);
    expect(await servedBy()).toBe('legacy');
  });

  test('says when no nginx runs there', async () => {
    const place = await aPlaceForNginx();
    writeFileSync(join(place.folder, 'nginx.conf'), '');
    const applied = applyConfiguration({ ...place, rendered: place.render('direct', plan(0)) });
    await expect(applied).rejects.toThrow(/^No nginx of ours runs on /);
    place.remove();
  });
});
