import { describe, expect, test } from '@jest/globals';
import { wodPlan } from '../test/nginx-under-test.ts';
import { renderConfiguration } from './render.ts';
import type { RoutingPlan } from './routing-plan.ts';
import type { NginxSettings } from './settings.ts';

const SETTINGS: NginxSettings = {
  listen: '0.0.0.0',
  port: 80,
  tlsPort: 443,
  certificate: 'certificate.pem',
  certificateKey: '/etc/ssl/key.pem',
  accessLog: '/dev/stdout',
  edges: ['10.0.0.1:8080', '[::1]:8080'],
  realIpFrom: ['10.0.0.0/8'],
};
const PLAN = wodPlan(10, { legacy: 'http://legacy.internal', coach: 'http://127.0.0.1:3001' });
const withRoute = (route: Partial<RoutingPlan['routes'][number]>): RoutingPlan => ({
  ...PLAN,
  routes: [{ ...PLAN.routes[0]!, ...route }],
});
const render = (topology: 'edge' | 'direct', plan = PLAN, settings: Partial<NginxSettings> = {}) =>
  renderConfiguration(topology, {
    folder: '/run/nginx',
    settings: { ...SETTINGS, ...settings },
    plan,
    njsModule: '/njs.so',
  });

test.each(['edge', 'direct'] as const)('%s leaves nothing open, and says its revision', (topology) => {
  const { text, revision } = render(topology);
  expect(text).not.toMatch(/\$\{NGINX/);
  expect(text).toContain(`return 200 "${revision}";`);
  expect(text).toContain('set_real_ip_from 10.0.0.0/8;');
  expect(text).toContain('listen 0.0.0.0:443 ssl http2;');
  expect(text).toContain('ssl_certificate "/run/nginx/certificate.pem";');
  expect(text).toContain('ssl_certificate_key "/etc/ssl/key.pem";');
  expect(text).toContain('location ~* "^/metrics(?:/*|[;?#\\s\\xa0].*)$" { return 404; }');
});

test('the revision is that of the content', () => {
  expect(render('direct')).toEqual(render('direct'));
  expect(render('direct').revision).not.toBe(render('direct', withRoute({ weight: 10.01 })).revision);
  expect(render('direct').revision).not.toBe(render('edge').revision);
});

test('edge has every edge, and the monolith behind them', () => {
  const { text } = render('edge');
  expect(text).toMatch(
    /server 10\.0\.0\.1:8080 max_fails=1 fail_timeout=1s;\s+server \[::1\]:8080 max_fails=1 fail_timeout=1s;\s+server legacy\.internal:80 max_fails=0 backup;/,
  );
  expect(text.match(/ backup;/g)).toHaveLength(1);
  expect(text).toContain('proxy_next_upstream_tries 3;');
  expect(text).not.toContain('load_module');
});

test('edge has no backup that it could not speak to', () => {
  const plan = { ...PLAN, upstreams: [{ name: 'legacy', url: 'https://legacy.internal' }] };
  expect(render('edge', plan).text).not.toContain('backup;');
});

test.each([
  ['/fitness/wod', '"~^/fitness/wod(?:[?#]|$)" edges_only;'],
  ['/a.b$', '"~^/a\\x2eb\\x24(?:[?#]|$)" edges_only;'],
])('edge has no backup for %s once that is retired', (path, line) => {
  expect(render('edge', withRoute({ path, weight: 100, retired: true })).text).toContain(line);
  for (const retired of [{}, { retired: false }]) {
    expect(render('edge', withRoute({ path, weight: 100, ...retired })).text).not.toMatch(/" edges_only;/);
  }
});

test('direct knows one side of a retired route', () => {
  const { text } = render('direct', withRoute({ weight: 100, retired: true }));
  expect(text).toContain('split_clients "wod:$cohort_key" $side_wod { * coach; }');
});

test('an internal path is refused in every spelling, and said once', () => {
  const internalPaths = ['/secret%20"x', '//secret "x/', '/metrics', '/metrics'];
  const { text } = render('edge', { ...PLAN, internalPaths });
  expect(text.match(/location ~\* "\^[^(]*/g)).toEqual(['location ~* "^/secret\\x20\\x22x', 'location ~* "^/metrics']);
});

test.each([
  [0, '* legacy;'],
  [0.01, '0.01% coach; * legacy;'],
  [10, '10% coach; * legacy;'],
  [33.33, '33.33% coach; * legacy;'],
  [99.99, '99.99% coach; * legacy;'],
  [100, '* coach;'],
])('direct at %d %%', (weight, body) => {
  expect(render('direct', withRoute({ weight })).text).toContain(
    `split_clients "wod:$cohort_key" $side_wod { ${body} }`,
  );
});

test.each([
  ['/fitness/wod', '"~^/fitness/wod(?:\\?|$)" wod;'],
  ['/a.b', '"~^/a\\x2eb(?:\\?|$)" wod;'],
  ['/a+(b)"$c;{}', '"~^/a\\x2b\\x28b\\x29\\x22\\x24c\\x3b\\x7b\\x7d(?:\\?|$)" wod;'],
  ['/é', '"~^/\\xc3\\xa9(?:\\?|$)" wod;'],
])('direct matches the path %s and no other', (path, line) => {
  expect(render('direct', withRoute({ path })).text).toContain(line);
});

test('direct names routes with dashes as Nginx can', () => {
  const { text } = render('direct', withRoute({ route: 'shop-cart', key: { from: 'cookie', name: 'sid' } }));
  expect(text).toContain('split_clients "shop-cart:$cohort_key" $side_shop_cart {');
  expect(text).toContain('shop-cart $side_shop_cart;');
  expect(text).toContain('shop-cart "cookie sid";');
});

describe('what a configuration cannot hold is refused by name', () => {
  test.each([
    ['a key', withRoute({ key: { from: 'cookie', name: 'a;b' } }), '"a;b" cannot stand in a configuration'],
    ['a claim with a variable', withRoute({ key: { from: 'claim', name: '$uri' } }), '"$uri" cannot stand'],
    ['an upstream', withRoute({ sides: { old: 'x }', new: 'coach' } }), '"x }" cannot stand'],
    ['an internal path', { ...PLAN, internalPaths: ['/a%zz'] }, '"/a%zz" cannot stand'],
    ['a path of our own', { ...PLAN, internalPaths: ['/.nginx/configuration'] }, 'cannot stand'],
    ['a word of maps', withRoute({ route: 'default' }), '"default" cannot stand'],
    ['a host', { ...PLAN, upstreams: [{ name: 'legacy', url: 'http://a;}b' }] }, 'cannot stand'],
    [
      'an upstream by TLS',
      { ...PLAN, upstreams: [{ name: 'legacy', url: 'https://legacy.internal' }] },
      'reaches upstreams by http only, and legacy is at https://legacy.internal',
    ],
  ])('%s', (_, plan, message) => {
    expect(() => render('direct', plan)).toThrow(message);
  });
});
