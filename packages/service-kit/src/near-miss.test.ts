import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KNOWN_VARIABLES } from './known-variables.ts';
import { createLogger } from './logger.ts';
import { isOneSlipAway, nearMisses, sayNearMiss, warnOfNearMisses } from './near-miss.ts';

describe('one slip', () => {
  test.each([
    ['LEGACY_UR', 'a character missing at the end'],
    ['EGACY_URL', 'at the start'],
    ['LEGAY_URL', 'within'],
    ['LEGACY_URLS', 'one too many'],
    ['LEGACCY_URL', 'one doubled'],
    ['LEGACY-URL', 'a wrong one'],
    ['LEGACY_ULR', 'two swapped'],
    ['ELGACY_URL', 'two swapped at the start'],
  ])('%s: %s', (slip) => {
    expect(isOneSlipAway(slip, 'LEGACY_URL')).toBe(true);
    expect(isOneSlipAway('LEGACY_URL', slip)).toBe(true);
  });

  test.each(['LEGACY_URL', 'LEGACYURI', 'LEGACY_U', 'LAGECY_URL', 'legacy_url', 'LEGACY_HOST', ''])(
    'is not %j',
    (other) => {
      expect(isOneSlipAway(other, 'LEGACY_URL')).toBe(false);
    },
  );

  test('is every insertion, deletion, substitution and swap of neighbours, and never none', () => {
    const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789'.split(''));
    const slips = ['insert', 'delete', 'substitute', 'swap'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...KNOWN_VARIABLES), fc.nat(), fc.constantFrom(...slips), letter, (...given) => {
        const [name, somewhere, slip, put] = given;
        const at = somewhere % (name.length - 1);
        const slipped = {
          insert: name.slice(0, at) + put + name.slice(at),
          delete: name.slice(0, at) + name.slice(at + 1),
          substitute: name.slice(0, at) + put + name.slice(at + 1),
          swap: name.slice(0, at) + name[at + 1]! + name[at]! + name.slice(at + 2),
        }[slip];
        expect(isOneSlipAway(slipped, name)).toBe(slipped !== name);
      }),
    );
  });
});

describe('nearMisses', () => {
  const read = ['PORT', 'LEGACY_URL', 'ADMIN_HOST', 'ADMIN_HOSTS'];

  test('names what is set and what was meant, in the order of the environment', () => {
    expect(nearMisses({ LEGACY_ULR: 'x', PROT: '1', PORT: '2' }, read)).toEqual([
      { variable: 'LEGACY_ULR', meant: 'LEGACY_URL' },
      { variable: 'PROT', meant: 'PORT' },
    ]);
  });

  test('takes no name for a slip that is read, here or by another process', () => {
    expect(nearMisses({ ADMIN_HOST: 'a', ADMIN_HOSTS: 'b' }, read)).toEqual([]);
    expect(nearMisses({ PORT0: '31000', PORT1: '31001' }, read)).toEqual([]);
    expect(nearMisses({ ADMIN_HOSTS: 'b', EDGE_URL: 'c' }, ['ADMIN_HOST', 'EDGE_ID'])).toEqual([]);
  });

  test('finds none in environments as they are, whatever is read', () => {
    const set = Object.fromEntries(USUAL.split(/\s+/).map((name) => [name, 'x']));
    expect(nearMisses(set, KNOWN_VARIABLES)).toEqual([]);
  });

  test('is said without the value, once for all', () => {
    const lines: string[] = [];
    const logger = createLogger('test', 'info', { write: (line) => void lines.push(line) });
    warnOfNearMisses(logger, []);
    warnOfNearMisses(logger, nearMisses({ PROT: 'value-1', LEGACY_ULR: 'value-2' }, read));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'warn',
      variables: [
        { variable: 'PROT', meant: 'PORT' },
        { variable: 'LEGACY_ULR', meant: 'LEGACY_URL' },
      ],
    });
    expect(lines[0]).not.toContain('value-');
    expect(sayNearMiss({ variable: 'PROT', meant: 'PORT' })).toBe(
      'The environment variable PROT is set, but nothing reads it; was PORT meant?',
    );
  });
});

/** Of a shell, a desktop, npm, Node, Docker, Kubernetes with services like ours, runners of CI, and OpenTelemetry. */
const USUAL = `HOME HOSTNAME HOSTTYPE PATH PWD OLDPWD SHELL SHLVL TERM USER LOGNAME LANG LC_ALL LANGUAGE TZ EDITOR PAGER DISPLAY
  LS_COLORS TMPDIR MAIL SSH_AUTH_SOCK SSH_CLIENT SSH_CONNECTION XDG_RUNTIME_DIR XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS _
  COLORTERM FORCE_COLOR CLICOLOR DEBUG VERBOSE TRACE CI INIT_CWD NODE NODE_ENV NODE_OPTIONS NODE_PATH NODE_VERSION
  NODE_EXTRA_CA_CERTS NODE_COMPILE_CACHE npm_config_cache npm_package_name npm_lifecycle_event HTTP_PROXY HTTPS_PROXY
  NO_PROXY http_proxy PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE POSTGRES_PASSWORD POSTGRES_DB REDIS_HOST REDIS_PORT
  REDIS_PASSWORD JWT_SECRET DB_HOST DB_PORT LOG_FORMAT POD_NAME POD_IP NODE_NAME KUBERNETES_PORT
  KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT EDGE_SERVICE_HOST EDGE_SERVICE_PORT EDGE_PORT_8080_TCP
  COACH_SERVICE_PORT COACH_SERVICE_SERVICE_HOST LEGACY_MONOLITH_PORT LEGACY_MONOLITH_SERVICE_HOST GITHUB_TOKEN GITHUB_SHA
  GITHUB_ACTIONS RUNNER_OS JEST_WORKER_ID OTEL_LOG_LEVEL OTEL_METRICS_EXPORTER OTEL_LOGS_EXPORTER OTEL_PROPAGATORS
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT OTEL_EXPORTER_OTLP_COMPRESSION OTEL_EXPORTER_OTLP_CLIENT_KEY OTEL_NODE_RESOURCE_DETECTORS
  OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT TEST_DATABASE_URL K6_VUS COMPOSE_PROJECT_NAME FIT_NETWORK PUBLISH_ADDRESS NGINX_TOPOLOGY`;
