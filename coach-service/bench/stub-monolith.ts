import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MUSCLE_GROUPS, MUSCLE_NAMES } from '@fit/contracts/muscle-groups';

/**
 * A monolith that costs next to nothing, so that the bench measures the coach: a fixed catalogue with its ETag, a
 * history of six exercises for whatever day is asked for. Its key set comes in `BENCH_JWKS`; its URL goes to the parent.
 */

const EXERCISES = 200;
const ETAG = '"bench"';
const catalogue = JSON.stringify({ exercises: Array.from({ length: EXERCISES }, (_, index) => exercise(index + 1)) });
const jwks = process.env['BENCH_JWKS'] ?? '{"keys":[]}';

const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
  res.setHeader('content-type', 'application/json');
  const [path, query = ''] = (req.url ?? '').split('?');
  if (path === '/fitness/history') {
    return void res.end(`{"date":"${query.slice('date='.length)}","exercise_ids":[3,17,42,99,120,181]}`);
  }
  if (path === '/exercises') {
    res.setHeader('etag', ETAG);
    return void (req.headers['if-none-match'] === ETAG ? res.writeHead(304).end() : res.end(catalogue));
  }
  res.end(jwks);
});

server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('disconnect', () => process.exit(0));

/** As long as the seed's: a description of some 150 characters, a primary muscle and two secondary ones. */
function exercise(id: number): unknown {
  return {
    id,
    name: `Incline Dumbbell Press, variant ${id}`,
    description:
      'Set the bench to about 30 degrees. Lower the weight under control until the upper arms pass it, then press.'.padEnd(
        150,
        '.',
      ),
    difficulty: 1 + (id % 5),
    equipment: 'dumbbell',
    body_part: 'chest',
    base_weight: 12.5 + (id % 40),
    base_reps: 8,
    muscle_groups: [0, 1, 2].map((rank) => {
      const at = (id + rank) % MUSCLE_NAMES.length;
      const name = MUSCLE_NAMES[at] ?? 'chest';
      return { id: at + 1, name, body_part: MUSCLE_GROUPS[name], is_primary: rank === 0, intensity: 1 - rank * 0.3 };
    }),
  };
}
