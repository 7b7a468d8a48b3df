import { expect, test } from '@jest/globals';
import { addressOf, codeIn, routeIn } from './address.ts';

test.each([
  ['', undefined, undefined],
  ['#/', undefined, undefined],
  ['#/routes/wod', 'wod', undefined],
  ['#/routes/a%20b', 'a b', undefined],
  ['#/routes/50%', '50%', undefined],
  ['#/routes/wod/more', undefined, undefined],
  ['#code=Ab-_9', undefined, 'Ab-_9'],
  ['#code=a%2Bb', undefined, 'a+b'],
  ['#code=%', undefined, '%'],
])('%p leads to the route %p and has the code %p', (hash, route, code) => {
  expect(routeIn(hash)).toBe(route);
  expect(codeIn(hash)).toBe(code);
});

test.each(['wod', 'a b', 'a/b', '50%'])('the address of the route %p leads to it', (route) => {
  expect(routeIn(addressOf(route))).toBe(route);
});
