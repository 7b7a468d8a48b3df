import { COMMON, MAX_NAME_BYTES } from './redis-scripts.ts';

/** A lease that ends later, or never, is none of ours: nobody would lead again. */
const LONGEST_LEASE_MS = 600_000;

const HOLDER = `
local function holderOf(key)
  local left = redis.call('PTTL', key)
  if left < 0 or left > ${LONGEST_LEASE_MS} or redis.call('STRLEN', key) > ${MAX_NAME_BYTES} then return false end
  return redis.call('GET', key)
end
`;

/**
 * KEYS: leader, token. ARGV: holder, ms. Makes the holder the leader, or renews it.
 * Replies its token, or nothing while another one leads; then the keys that it moved out of the way.
 *
 * A new token is larger than the last one, and no less than the time in microseconds: a Redis that has lost the last one, or
 * has gone back to an old copy of it, gives none a second time.
 */
export const LEAD = `${COMMON}${HOLDER}
local moved = {false}
moved[#moved + 1] = clear(KEYS[1], 'string')
moved[#moved + 1] = clear(KEYS[2], 'string')
local holder = holderOf(KEYS[1])
if holder and holder ~= ARGV[1] then return moved end
local last = tokenOf(KEYS[2])
if holder and wholeOf(last) then
  moved[1] = last
else
  local time = redis.call('TIME')
  local token = math.max((wholeOf(last) or 0) + 1, time[1] * 1000000 + time[2])
  moved[1] = string.format('%.0f', token)
  redis.call('SET', KEYS[2], moved[1])
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return moved
`;

/** KEYS: leader. ARGV: holder. */
export const RESIGN = `${COMMON}${HOLDER}
if typeOf(KEYS[1]) == 'string' and holderOf(KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {}
`;
