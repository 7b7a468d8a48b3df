import { expect, test } from '@jest/globals';
import { callerKind } from './count-callers.ts';

const TIMEOUT = { 'x-edge-timeout-ms': '800' };

test.each([
  [{ ...TIMEOUT, via: '1.1 edge' }, 'edge'],
  [{ ...TIMEOUT, via: '2.0 cdn, 1.1 edge' }, 'edge'],
  [{ ...TIMEOUT, via: '1.1 edge, HTTP/1.1 other (x)' }, 'edge'],
  [{ ...TIMEOUT, via: 'HTTP/1.1 edge (Strangler)' }, 'edge'],
  [{ ...TIMEOUT, via: '1.1 edge', 'x-edge-mirror': '1' }, 'mirror'],
  [{ 'x-edge-mirror': '1' }, 'mirror'],
  [{ 'x-edge-mirror': '0' }, 'direct'],
  [{ ...TIMEOUT, via: '1.1 edge', 'x-edge-mirror': '' }, 'edge'],
  [{}, 'direct'],
  [TIMEOUT, 'direct'],
  [{ via: '1.1 edge' }, 'direct'],
  [{ ...TIMEOUT, via: '1.1 edge.example' }, 'direct'],
  [{ ...TIMEOUT, via: '1.1 hedge' }, 'direct'],
  [{ ...TIMEOUT, via: '1.1 other (1.1 edge)' }, 'direct'],
])('%j is %s', (headers, kind) => {
  expect(callerKind(headers)).toBe(kind);
});
