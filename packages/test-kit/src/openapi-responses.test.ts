import { expect, test } from '@jest/globals';
import { coachServiceDocument } from '@fit/contracts/openapi/coach-service';
import { createResponseCheck } from './openapi-responses.ts';

const check = createResponseCheck(coachServiceDocument);
const exercise = {
  id: 1,
  name: 'Push-Up',
  description: '',
  difficulty: 1,
  muscle_groups: [{ id: 6, name: 'chest', body_part: 'chest', is_primary: true, intensity: 1 }],
  suggested_weight: 0,
  suggested_reps: 10,
};
const workout = { exercises: Array.from({ length: 6 }, () => exercise), generated_at: '2026-01-02T03:04:05.678Z' };
const ok = {
  method: 'GET',
  path: '/fitness/wod',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  body: workout,
};

test('a response as documented has nothing against it', () => {
  expect(check(ok)).toEqual([]);
});

test.each([
  [{ ...ok, path: '/nowhere' }, 'GET /nowhere is not documented'],
  [{ ...ok, status: 418 }, 'GET /fitness/wod → 418 is not documented'],
  [{ ...ok, contentType: 'text/html' }, 'GET /fitness/wod → 200 is documented, but not as text/html'],
  [{ ...ok, body: { ...workout, exercises: [exercise] } }, '/exercises must NOT have fewer than 6 items'],
  [{ ...ok, body: { ...workout, more: 1 } }, '(whole) must NOT have additional properties'],
  [{ ...ok, body: { ...workout, generated_at: 'today' } }, expect.stringContaining('/generated_at must match')],
])('%j is refused', (response, problem) => {
  expect(check(response)).toContainEqual(problem);
});
