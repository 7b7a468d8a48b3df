import { REPLICA_MEMORY_MS } from '../../control-plane/route-store.ts';

/**
 * What has to happen at once in Redis. A script that finds a key of another type than it expects moves it out of the way,
 * to `KEY:damaged:TIME`, before it writes anything: what somebody put there is kept, and nothing is done by halves.
 */

/** An entry that is longer cannot be one, and is not fetched. */
export const MAX_ENTRY_BYTES = 65_536;
/** Neither can a report. */
const MAX_REPORT_BYTES = 1_048_576;
/** Nor a name of a field. */
export const MAX_NAME_BYTES = 1000;
/** The audit keeps at least so many changes. */
const AUDIT_ENTRIES = 100_000;

export const COMMON = `
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
local function idOf(key)
  local id = typeOf(key) == 'string' and redis.call('STRLEN', key) == 36 and redis.call('GET', key)
  return id and string.find(id, '^[%x-]+$') and id or false
end
local function name(key, id)
  if id == '' or idOf(key) then return end
  redis.pcall('RENAME', key, key .. ':damaged:' .. now())
  redis.pcall('SET', key, id)
end
local function wholeOf(text)
  local number = text and #text <= 16 and string.find(text, '^%d+$') and tonumber(text)
  return number and number <= 9007199254740991 and number or nil
end
local function tokenOf(key)
  return typeOf(key) == 'string' and redis.call('STRLEN', key) <= 16 and redis.call('GET', key) or ''
end
local function digestOf(key, field)
  local length = redis.call('HSTRLEN', key, field)
  if length > ${MAX_ENTRY_BYTES} then return 'length ' .. length end
  local there = redis.call('HGET', key, field)
  return there and redis.sha1hex(there) or ''
end
local function fetch(key, field)
  if redis.call('HSTRLEN', key, field) > ${MAX_ENTRY_BYTES} then return false end
  return redis.call('HGET', key, field)
end
`;

/**
 * KEYS: routes, id, token. ARGV: route.
 * Replies the key's type, the id, then the entry and the digest of what is there: an empty one if nothing is; at last the
 * token. Of what is too long there is no entry, and its length is digest enough.
 */
export const READ_ROUTE = `${COMMON}
local kind = typeOf(KEYS[1])
local id = idOf(KEYS[2])
local token = tokenOf(KEYS[3])
if kind ~= 'hash' then return {kind, id, false, '', token} end
return {kind, id, fetch(KEYS[1], ARGV[1]), digestOf(KEYS[1], ARGV[1]), token}
`;

/**
 * KEYS: routes, id. ARGV: id to give back if it has none, or empty.
 * Replies the key's type, the id, then routes and their entries, by turns.
 */
export const READ_ROUTES = `${COMMON}
local kind = typeOf(KEYS[1])
name(KEYS[2], ARGV[1])
local all = {kind, idOf(KEYS[2])}
if kind ~= 'hash' then return all end
for _, route in ipairs(redis.call('HKEYS', KEYS[1])) do
  if #route <= ${MAX_NAME_BYTES} then
    all[#all + 1] = route
    all[#all + 1] = fetch(KEYS[1], route)
  end
end
return all
`;

/**
 * KEYS: routes, audit, id, token. ARGV: route, digest of what must be there, entry, channel, id to give if there is none,
 * token of the leader who writes, or empty. Replies whether it wrote, then the keys that it moved out of the way: a stream
 * whose ids are used up, too.
 */
export const WRITE_ROUTE = `${COMMON}
local moved = {1}
if ARGV[6] ~= '' and tokenOf(KEYS[4]) ~= ARGV[6] then return {0} end
local isHash = typeOf(KEYS[1]) == 'hash'
if (isHash and digestOf(KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return {0} end
moved[#moved + 1] = clear(KEYS[1], 'hash')
moved[#moved + 1] = clear(KEYS[2], 'stream')
local function record(attempt)
  return attempt('XADD', KEYS[2], 'MAXLEN', '~', ${AUDIT_ENTRIES}, '*', 'entry', ARGV[3])
end
local recorded = record(redis.pcall)
if type(recorded) == 'table' and recorded.err then
  if typeOf(KEYS[2]) == 'stream' and string.find(recorded.err, 'exhausted') then moved[#moved + 1] = clear(KEYS[2], 'none') end
  record(redis.call)
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
name(KEYS[3], ARGV[5])
redis.pcall('PUBLISH', ARGV[4], ARGV[3])
return moved
`;

/**
 * KEYS: routes. ARGV: route, digest of what is there. Moves that out of the way; what is too long is not kept.
 * Replies whether it did, then where it is.
 */
export const CLEAR_ROUTE = `${COMMON}
if typeOf(KEYS[1]) ~= 'hash' then return {1, clear(KEYS[1], 'hash')} end
if digestOf(KEYS[1], ARGV[1]) ~= ARGV[2] then return {0} end
local there = fetch(KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[1], ARGV[1])
if not there then return {1} end
local aside = KEYS[1] .. ':damaged:' .. now()
redis.call('HSET', aside, ARGV[1], there)
return {1, aside}
`;

/**
 * KEYS: audit. ARGV: where to begin, how many.
 * Replies the key's type, then ids and entries, by turns: no entry if it is too long.
 */
export const READ_AUDIT = `${COMMON}
local kind = typeOf(KEYS[1])
local all = {kind}
if kind ~= 'stream' then return all end
for _, item in ipairs(redis.call('XREVRANGE', KEYS[1], ARGV[1], '-', 'COUNT', ARGV[2])) do
  local entry = false
  for index = 1, #item[2], 2 do
    if item[2][index] == 'entry' and #item[2][index + 1] <= ${MAX_ENTRY_BYTES} then entry = item[2][index + 1] end
  end
  all[#all + 1] = item[1]
  all[#all + 1] = entry
end
return all
`;

/** KEYS: replicas. ARGV: incarnation, report. Each value is the time of the report, a space, and the report. */
export const REPORT = `${COMMON}
local moved = {1}
moved[#moved + 1] = clear(KEYS[1], 'hash')
redis.call('HSET', KEYS[1], ARGV[1], now() .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ${REPLICA_MEMORY_MS})
return moved
`;

/**
 * KEYS: replicas. Removes what is too long.
 * Replies the time, how many that were, then incarnations and their values, by turns.
 */
export const READ_REPLICAS = `${COMMON}
local all = {now(), 0}
if typeOf(KEYS[1]) ~= 'hash' then return all end
for _, incarnation in ipairs(redis.call('HKEYS', KEYS[1])) do
  if #incarnation > ${MAX_NAME_BYTES} or redis.call('HSTRLEN', KEYS[1], incarnation) > ${MAX_REPORT_BYTES} then
    all[2] = all[2] + redis.call('HDEL', KEYS[1], incarnation)
  else
    all[#all + 1] = incarnation
    all[#all + 1] = redis.call('HGET', KEYS[1], incarnation)
  end
end
return all
`;

/** KEYS: replicas. ARGV: incarnations and their values, by turns. Forgets those that did not report again meanwhile. */
export const FORGET_REPLICAS = `
for index = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[index]) == ARGV[index + 1] then redis.call('HDEL', KEYS[1], ARGV[index]) end
end
return 0
`;
