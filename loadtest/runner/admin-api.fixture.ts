import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** For tests: the admin API as an edge has it, with an operator beside the runner, and answers that go wrong. */
export async function startAdminApi(weight: number) {
  const state = {
    weight,
    revision: 3,
    changed_by: 'runner',
    reason: '',
    changes: [] as string[],
    /** 500 instead of a change, or instead of its answer. */
    fails: undefined as 'before' | 'after' | undefined,
    /** Called after each change. */
    changed: () => {},
  };
  const server = createServer((req, res) => {
    const answer = (status: number) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(state));
    if (req.method === 'GET') return void answer(200);
    void json(req).then((body) => {
      if (state.fails === 'before') return answer(500);
      const change = body as { weight?: number; reason: string };
      if (req.method === 'PUT' && req.headers['if-match'] !== `"${state.revision}"`) return answer(412);
      const { weight: asked = 0, reason } = change;
      Object.assign(state, { weight: asked, reason, revision: state.revision + 1, changed_by: 'runner' });
      state.changes.push(`${req.url!.split(/[/?]/).at(-2)} ${asked}`);
      answer(state.fails === 'after' ? 500 : 200);
      return state.changed();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    operatorSets: (to: number) => {
      const revision = state.revision + 1;
      Object.assign(state, { weight: to, reason: 'emergency', revision, changed_by: 'olga@fit.example' });
    },
    stop: () => server.close().closeAllConnections(),
  };
}
