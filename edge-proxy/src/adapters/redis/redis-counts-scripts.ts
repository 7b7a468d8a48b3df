import { MAX_COUNTS_BYTES } from '../counts-table.ts';
import { COMMON, MAX_NAME_BYTES } from './redis-scripts.ts';

/** Counts that nobody adds to are forgotten: a route that is not served any more. */
const COUNTS_TTL_MS = 45 * 86_400_000;
/** No topic has so many facts. */
const MAX_FACTS = 10_000;

/** The field `epoch` of a topic; what each replica counted is in the field `of:INCARNATION`. */
const EPOCH = `
local function epochOf(key)
  return redis.call('HSTRLEN', key, 'epoch') <= 16 and wholeOf(redis.call('HGET', key, 'epoch')) or -1
end
`;

/**
 * KEYS: counts. ARGV: epoch, incarnation, counts. A newer epoch takes the place of the one that is there; an older one is
 * ignored. Replies 1, then the keys that it moved out of the way.
 */
export const PUT_COUNTS = `${COMMON}${EPOCH}
local moved = {1}
moved[#moved + 1] = clear(KEYS[1], 'hash')
local there = epochOf(KEYS[1])
local epoch = tonumber(ARGV[1])
if there > epoch then return moved end
if there < epoch then
  redis.call('UNLINK', KEYS[1])
  redis.call('HSET', KEYS[1], 'epoch', ARGV[1])
end
redis.call('HSET', KEYS[1], 'of:' .. ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ${COUNTS_TTL_MS})
return moved
`;

/** KEYS: counts. ARGV: epoch. Replies how much was left out as too long, then incarnations and their counts, by turns. */
export const READ_COUNTS = `${COMMON}${EPOCH}
local all = {0}
if typeOf(KEYS[1]) ~= 'hash' or epochOf(KEYS[1]) ~= tonumber(ARGV[1]) then return all end
for _, field in ipairs(redis.call('HKEYS', KEYS[1])) do
  if #field > ${MAX_NAME_BYTES} or redis.call('HSTRLEN', KEYS[1], field) > ${MAX_COUNTS_BYTES} then
    all[1] = all[1] + 1
  elseif string.sub(field, 1, 3) == 'of:' then
    all[#all + 1] = string.sub(field, 4)
    all[#all + 1] = redis.call('HGET', KEYS[1], field)
  end
end
return all
`;

/** KEYS: facts. ARGV: names and values, by turns. Replies 1, then the keys that it moved out of the way. */
export const RAISE_FACTS = `${COMMON}
local moved = {1}
moved[#moved + 1] = clear(KEYS[1], 'hash')
for index = 1, #ARGV, 2 do
  local known = redis.call('HSTRLEN', KEYS[1], ARGV[index]) <= 16 and wholeOf(redis.call('HGET', KEYS[1], ARGV[index]))
  if not known or tonumber(ARGV[index + 1]) > known then
    redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
  end
end
return moved
`;

/** KEYS: facts. Replies names and values, by turns; what is no fact is left out. */
export const READ_FACTS = `${COMMON}
local all = {}
if typeOf(KEYS[1]) ~= 'hash' or redis.call('HLEN', KEYS[1]) > ${MAX_FACTS} then return all end
for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
  local value = #name <= ${MAX_NAME_BYTES} and redis.call('HSTRLEN', KEYS[1], name) <= 16 and redis.call('HGET', KEYS[1], name)
  if value and wholeOf(value) then
    all[#all + 1] = name
    all[#all + 1] = value
  end
end
return all
`;
