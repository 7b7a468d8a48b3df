import { describe, expect, test } from '@jest/globals';
import { LoadTestError } from './failures.ts';
import { readSettings } from './settings.ts';

const read = (line: string) => readSettings(line.split(' ').filter((word) => word !== ''));

describe('the command line', () => {
  test.each([
    ['smoke', { weight: 'keep', target: 'edge', users: undefined, load: { seconds: 180, rate: 0 } }],
    ['objective', { weight: 'keep', load: { seconds: 60, rate: 0 } }],
    ['stress', { weight: 100, load: { seconds: 120, rate: 300 } }],
    ['spike --weight 12.5', { weight: 12.5 }],
    ['soak --weight keep --duration 60', { weight: 'keep', load: { seconds: 60, rate: 0 } }],
    ['rollout --rate 20 --target nginx', { target: 'nginx', load: { seconds: 90, rate: 20 } }],
    [
      'smoke --url http://a:1/ --login http://b:2 --admin http://c:3,http://d:4',
      { url: 'http://a:1', login: 'http://b:2' },
    ],
    ['smoke --users 7', { users: 7 }],
    ['smoke --duration 85800', { load: { seconds: 85_800, rate: 0 } }],
    ['rollout --duration 14 --rate 10', { load: { seconds: 14, rate: 10 } }],
    ['smoke --report -page.html', { report: '-page.html' }],
    ['smoke --admin http://c:3,http://d:4', { admin: ['http://c:3', 'http://d:4'] }],
  ])('%s', (line, expected) => expect(read(line)).toMatchObject(expected));

  test('help is no run', () => expect(read('smoke --help')).toBeUndefined());

  test.each([
    ['', /^the scenario must be one of smoke, .*, received none/],
    ['quick', /received "quick"/],
    ['smoke spike', /received "smoke spike"/],
    ['smoke --duration 0', /^--duration must be a whole number from 1 to 85800, received "0"/],
    ['soak --duration 85801', /^--duration must be a whole number from 1 to 85800, received "85801"/],
    ['objective --duration 28601', /^--duration must be a whole number from 1 to 28600, received "28601"/],
    ['rollout --duration 13', /^--duration must be a whole number from 14 to 85800, received "13"/],
    ['rollout --duration 14', /^--duration, --rate: rollout needs 20 people, .*; 14 s with 8 a second make 16/],
    ['smoke --url http://a:1 --target nginx', /^--target is for the running stack, not with --url, received "nginx"/],
    ['stress --weight -1', /^--weight must be percent from 0 to 100 .* received "-1"/],
    ['smoke --users -5', /^--users must be a whole number from 1 to 10000, received "-5"/],
    ['stress --rate --users 5', /^--rate needs a value, received "--users"/],
    ['smoke --duration 1e3', /^--duration .* received "1e3"/],
    ['smoke --rate 5', /^--rate is for stress and rollout, not for smoke/],
    ['stress --rate 5001', /^--rate must be a whole number from 1 to 5000/],
    ['stress --weight 101', /^--weight must be percent from 0 to 100 .* received "101"/],
    ['stress --weight 0.001', /^--weight /],
    ['objective --weight 50', /^--weight is not for objective/],
    ['rollout --weight 50', /^--weight is not for rollout/],
    ['smoke --users 10001', /^--users /],
    ['smoke --target apache', /^--target must be edge or nginx, received "apache"/],
    ['smoke --url ftp://a', /^--url must be http\(s\):\/\/host:port/],
    ['smoke --admin http://a:1,b', /^--admin .* received "b"/],
    ['smoke --login http://a:1/path', /^--login /],
    ['smoke --nonsense', /--nonsense/],
  ])('%j is wrong usage', (line, message) => {
    expect(() => read(line)).toThrow(LoadTestError);
    expect(() => read(line)).toThrow(message);
    expect(() => read(line)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
