import { REPLICA_MEMORY_MS } from '../../control-plane/route-store.ts';

/**
 * What has to happen at once in Redis. A script that finds a key of another type than it expects moves it out of the way,
 * to `KEY:damaged:TIME`, before it writes anything: what somebody put there is kept, and nothing is done by halves.
 */

/** An entry that is longer cannot be one, and is not fetched. */
export const MAX_ENTRY_BYTES = 65_536;
/** The audit keeps at least so many changes. */
const AUDIT_ENTRIES = 100_000;

const COMMON = `
local function now()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end
local function typeOf(key)
  return redis.call('TYPE', key).ok
end
local function clear(key, wanted)
  local found = typeOf(key)
  if found == 'none' or found == wanted then return nil end
  local aside = key .. ':damaged:' .. now()
  redis.call('RENAME', key, aside)
  return aside
end
local function fetch(key, field)
  if redis.call('HSTRLEN', key, field) > ${MAX_ENTRY_BYTES} then return false end
  return redis.call('HGET', key, field)
end
`;

/**
 * KEYS: routes. ARGV: route.
 * Replies the key's type, then the entry and the SHA-1 of what is there: an empty one if nothing is, and no entry if it is too long.
 */
export const READ_ROUTE = `${COMMON}
local kind = typeOf(KEYS[1])
if kind ~= 'hash' then return {kind, false, ''} end
local there = redis.call('HGET', KEYS[1], ARGV[1])
if not there then return {kind, false, ''} end
return {kind, fetch(KEYS[1], ARGV[1]), redis.sha1hex(there)}
`;

/** KEYS: routes. Replies the key's type, then routes and their entries, by turns. */
export const READ_ROUTES = `${COMMON}
local kind = typeOf(KEYS[1])
local all = {kind}
if kind ~= 'hash' then return all end
for _, route in ipairs(redis.call('HKEYS', KEYS[1])) do
  all[#all + 1] = route
  all[#all + 1] = fetch(KEYS[1], route)
end
return all
`;

/**
 * KEYS: routes, audit. ARGV: route, SHA-1 of what must be there (empty: nothing), entry, channel. Replies whether it wrote, then the keys that it moved out of the way.
 */
export const WRITE_ROUTE = `${COMMON}
local moved = {1}
local isHash = typeOf(KEYS[1]) == 'hash'
local there = isHash and redis.call('HGET', KEYS[1], ARGV[1])
if (there and redis.sha1hex(there) or '') ~= ARGV[2] then return {0} end
moved[#moved + 1] = clear(KEYS[1], 'hash')
moved[#moved + 1] = clear(KEYS[2], 'stream')
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${AUDIT_ENTRIES}, '*', 'entry', ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.pcall('PUBLISH', ARGV[4], ARGV[3])
return moved
`;

/** KEYS: replicas. ARGV: incarnation, report. Each value is the time of the report, a space, and the report. */
export const REPORT = `${COMMON}
local moved = {1}
moved[#moved + 1] = clear(KEYS[1], 'hash')
redis.call('HSET', KEYS[1], ARGV[1], now() .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ${REPLICA_MEMORY_MS})
return moved
`;

/** KEYS: replicas. Replies the time, then incarnations and their values, by turns. */
export const READ_REPLICAS = `${COMMON}
if typeOf(KEYS[1]) ~= 'hash' then return {now()} end
local all = redis.call('HGETALL', KEYS[1])
table.insert(all, 1, now())
return all
`;

/** KEYS: replicas. ARGV: incarnations and their values, by turns. Forgets those that did not report again meanwhile. */
export const FORGET_REPLICAS = `
for index = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[index]) == ARGV[index + 1] then redis.call('HDEL', KEYS[1], ARGV[index]) end
end
return 0
`;
