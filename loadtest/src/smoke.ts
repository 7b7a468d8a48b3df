import { check, fail } from 'k6';
import http from 'k6/http';
import type { Options } from 'k6/options';

/**
 * A few people ask for today's workout, through the edge: is everything there, and is every answer what it should be?
 *
 *   k6 run loadtest/src/smoke.ts      EDGE_URL (default http://127.0.0.1:8080) and DEMO_PASSWORD from the environment
 */
export const options: Options = {
  vus: 3,
  iterations: 30,
  thresholds: {
    checks: ['rate==1'],
    http_req_failed: ['rate<0.01'],
    'http_req_duration{name:workout}': ['p(95)<5000'],
  },
};

const EDGE_URL = __ENV['EDGE_URL'] ?? 'http://127.0.0.1:8080';
const PASSWORD = __ENV['DEMO_PASSWORD'] ?? 'demo-password';

/** One login before the load: logging in is not what is measured. */
export function setup(): { token: string } {
  const credentials = JSON.stringify({ email: 'demo@fit.example', password: PASSWORD });
  const answer = http.post(`${EDGE_URL}/auth/login`, credentials, { headers: { 'content-type': 'application/json' } });
  if (answer.status !== 200) fail(`the demo user could not log in at ${EDGE_URL}: ${answer.status}`);
  return { token: answer.json('access_token') as string };
}

export default function askForWorkout({ token }: { token: string }): void {
  const answer = http.get(`${EDGE_URL}/fitness/wod`, {
    headers: { authorization: `Bearer ${token}` },
    tags: { name: 'workout' },
  });
  const ids = answer.status === 200 ? (answer.json('exercises.#.id') as number[]) : [];
  check(answer, {
    'status is 200': ({ status }) => status === 200,
    'six exercises, none twice': () => ids.length === 6 && new Set(ids).size === 6,
    'served by one of the two sides': ({ headers }) => ['legacy', 'coach'].includes(headers['X-Served-By'] ?? ''),
  });
}
