import { describe, expect, test } from '@jest/globals';
import { readEdgeCommand } from './edge-command.ts';
import { startedText } from './edge-started.ts';
import { readEnv } from './config/env.ts';
import { parseRouteFile } from './config/route-file.ts';

const run = (argv: string[], env: NodeJS.ProcessEnv = {}) => {
  const written = { out: '', err: '' };
  const io = { out: (text: string) => (written.out += text), err: (text: string) => (written.err += text), env };
  return { command: readEdgeCommand(argv, io), ...written };
};

describe('edge', () => {
  test('options go before the variables that mean the same', () => {
    const argv = ['--config', 'a.yaml', '--port', '0', '--admin-port', '9001', '--data-dir', 'state'];
    const env = { EDGE_CONFIG: 'b.yaml', PORT: '1', ADMIN_PORT: '2', DATA_DIR: 'x', JWT_ISSUER: 'me' };
    expect(run(argv, env).command).toEqual({
      kind: 'start',
      env: { EDGE_CONFIG: 'a.yaml', PORT: '0', ADMIN_PORT: '9001', DATA_DIR: 'state', JWT_ISSUER: 'me' },
    });
  });

  test('variables count where an option is absent', () => {
    const env = { EDGE_CONFIG: 'b.yaml', PORT: '1' };
    expect(run([], env).command).toEqual({ kind: 'start', env });
  });

  test.each([
    [[], "option '--config <file>' must name a route file, received nothing"],
    [['--config', ''], "option '--config <file>' argument '' is invalid. Must not be empty."],
    [['--config'], "option '--config <file>' argument missing"],
    [['--port', 'http'], "option '--port <n>' argument 'http' is invalid. Must be a whole number from 0 to 65535."],
    [['--admin-port', '65536'], "option '--admin-port <n>' argument '65536' is invalid. Must be a whole number"],
    [['--data-dir', ''], "option '--data-dir <dir>' argument '' is invalid. Must not be empty."],
    [['--prot', '1'], "unknown option '--prot'"],
    [['edge.yaml'], 'too many arguments'],
  ])('%j is refused with the option, the rule and the value', (argv, reason) => {
    const { command, err } = run(argv);
    expect(command).toEqual({ kind: 'done', exitCode: 2 });
    expect(err).toContain(reason);
    expect(err).toContain('See edge --help.');
  });

  test('--help lists every variable that counts', () => {
    const { command, out, err } = run(['--help']);
    expect(command).toEqual({ kind: 'done', exitCode: 0 });
    expect(err).toBe('');
    const { variables: _all, limits: _limits, ...env } = readEnv({});
    for (const variable of [...Object.keys(env), 'OTEL_EXPORTER_OTLP_ENDPOINT']) expect(out).toContain(variable);
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });
});

test('whoever looks on is told where the edge listens, and what it splits by what', () => {
  const route = (name: string, key: object) => ({ name, path: `/${name}`, old: 'old', new: 'new', key });
  const file = parseRouteFile(
    'edge.yaml',
    JSON.stringify({
      upstreams: { old: { url: 'http://a' }, new: { url: 'http://b' } },
      defaultUpstream: 'old',
      routes: [
        route('cart', { cookie: 'session' }),
        route('prices', { header: 'X-Tenant' }),
        route('me', { claim: 'sub' }),
      ],
    }),
    {},
  );
  const edge = { url: 'http://127.0.0.1:8080', adminUrl: 'http://127.0.0.1:8081' };
  expect(startedText({ ...edge, file, jwksUrl: 'http://id/keys', issuer: 'id' }).split('\n')).toEqual([
    '',
    '  Public     http://127.0.0.1:8080',
    '  Admin      http://127.0.0.1:8081, the dashboard too (npx edgectl --url http://127.0.0.1:8081 status)',
    '  Operators  a token of id for edge-admin, verified with http://id/keys',
    '  /cart      old → new, split by cookie session (route cart)',
    '  /prices    old → new, split by header x-tenant (route prices)',
    '  /me        old → new, split by claim sub (route me)',
    '  All else   old',
    '',
    'Stop: Ctrl-C',
    '',
    '',
  ]);
});
