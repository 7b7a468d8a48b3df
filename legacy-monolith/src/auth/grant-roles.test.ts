import { describe, expect, test } from '@jest/globals';
import type { Audience, Role } from '@fit/contracts/auth';
import { grantRoles } from './grant-roles.ts';

const everything: Role[] = ['tester', 'viewer', 'operator', 'admin'];

describe('grantRoles', () => {
  test.each<[Role[], Audience, Role[] | undefined, Role[]]>([
    [[], 'fit', undefined, []],
    [everything, 'fit', undefined, ['tester']],
    [['operator'], 'fit', undefined, []],
    [everything, 'fit', ['tester'], ['tester']],
    [everything, 'edge-admin', undefined, ['viewer', 'operator', 'admin']],
    [everything, 'edge-admin', ['viewer'], ['viewer']],
    [['tester', 'viewer'], 'edge-admin', undefined, ['viewer']],
  ])('%j, for %s, asked for %j, get %j', (held, audience, requested, roles) => {
    expect(grantRoles({ held, audience, requested })).toEqual({ kind: 'granted', roles });
  });

  test.each<[Role[], Audience, Role[] | undefined, RegExp]>([
    [everything, 'fit', ['operator'], /operator does not belong/],
    [everything, 'edge-admin', ['viewer', 'tester'], /tester does not belong/],
    [['viewer'], 'edge-admin', ['viewer', 'admin'], /does not have the role admin/],
    [[], 'fit', ['tester'], /does not have the role tester/],
    [['tester'], 'edge-admin', undefined, /needs one of/],
  ])('%j, for %s, asked for %j, are refused', (held, audience, requested, reason) => {
    expect(grantRoles({ held, audience, requested })).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(reason),
    });
  });
});
