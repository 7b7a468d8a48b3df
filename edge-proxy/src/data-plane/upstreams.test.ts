import { expect, test } from '@jest/globals';
import type { UpstreamConfig } from '../config/route-file.ts';
import { Upstream } from './upstream.ts';
import { Upstreams } from './upstreams.ts';

const breaker = { failures: 5, percent: 50, minimumCalls: 10, windowMs: 2000, openMs: 1000, maxOpenMs: 5000 };

const config = (port: number): UpstreamConfig => ({
  url: `http://127.0.0.1:${port}`,
  firstByteTimeoutMs: 1000,
  bodyIdleTimeoutMs: 1000,
  connectTimeoutMs: 1000,
  keepAliveTimeoutMs: 1000,
  maxInFlight: 10,
  breaker,
});

test('configured anew, one that stays is the same one, one that changed is another, and one that is gone ends', async () => {
  const closed: string[] = [];
  const upstreams = new Upstreams((name, each) => {
    const upstream = new Upstream({ name, ...each });
    const close = upstream.close.bind(upstream);
    upstream.close = async () => {
      closed.push(`${name} ${each.url}`);
      await close();
    };
    return upstream;
  });
  upstreams.configure({ stays: config(1), changes: config(2), goes: config(3), serves: config(4) });
  const before = upstreams.all;
  const busy = before.get('serves')!;
  expect(busy.takePlace()).toBe(true);

  upstreams.configure({ stays: config(1), changes: config(5) });
  expect([...upstreams.all.keys()]).toEqual(['stays', 'changes']);
  expect(upstreams.all.get('stays')).toBe(before.get('stays'));
  expect(upstreams.all.get('changes')).not.toBe(before.get('changes'));
  expect(closed).toEqual(['changes http://127.0.0.1:2', 'goes http://127.0.0.1:3']);

  busy.givePlaceBack();
  expect(closed.at(-1)).toBe('serves http://127.0.0.1:4');
  await upstreams.close();
});
