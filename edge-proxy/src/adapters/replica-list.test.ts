import { expect, test } from '@jest/globals';
import { REPLICA_MEMORY_MS } from '../control-plane/route-store.ts';
import { ReplicaList } from './replica-list.ts';
import { reportOf } from './test/sample-report.ts';

function listAt() {
  const clock = { now: 1000 };
  const list = new ReplicaList(() => clock.now);
  const seen = () => list.list().map(({ incarnation, seenMsAgo }) => `${incarnation} ${seenMsAgo}`);
  return { clock, list, seen };
}

test('tells how long ago each report came', () => {
  const { clock, list, seen } = listAt();
  list.put(reportOf({ incarnation: 'a' }));
  clock.now += 700;
  list.put(reportOf({ incarnation: 'b', id: 'edge-2' }));
  clock.now += 300;
  expect(seen()).toEqual(['a 1000', 'b 300']);
});

test('a replica that is silent stays listed until it is forgotten', () => {
  const { clock, list, seen } = listAt();
  list.put(reportOf({ incarnation: 'a' }));
  clock.now += REPLICA_MEMORY_MS;
  expect(seen()).toEqual([`a ${REPLICA_MEMORY_MS}`]);
  clock.now += 1;
  expect(seen()).toEqual([]);
});

test('a process that was started again takes the place of the one that crashed, once that is silent for 3 s', () => {
  const { clock, list, seen } = listAt();
  list.put(reportOf({ incarnation: 'crashed' }));
  list.put(reportOf({ incarnation: 'other', id: 'edge-2' }));
  clock.now += 3000;
  list.put(reportOf({ incarnation: 'again' }));
  expect(seen()).toEqual(['crashed 3000', 'other 3000', 'again 0']);
  clock.now += 1;
  expect(seen()).toEqual(['other 3001', 'again 1']);
});

test('two of one name that both report are both listed, as long as they do', () => {
  const { clock, list, seen } = listAt();
  for (let second = 0; second < 10; second++) {
    list.put(reportOf({ incarnation: 'a' }));
    clock.now += 500;
    list.put(reportOf({ incarnation: 'b' }));
    clock.now += 500;
  }
  expect(seen()).toEqual(['a 1000', 'b 500']);
});

test('a clock that is set back does not keep those who left on the list', () => {
  const { clock, list, seen } = listAt();
  clock.now = 3_600_000;
  list.put(reportOf({ incarnation: 'gone' }));
  clock.now = 0;
  list.put(reportOf({ incarnation: 'lives', id: 'edge-2' }));
  expect(seen()).toEqual(['lives 0']);
});
