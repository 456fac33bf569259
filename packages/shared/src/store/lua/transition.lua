-- Makes a transition of a request, if no other process has changed the request since it was read.
-- KEYS[1] request   KEYS[2] open index   KEYS[3] flight of its cache hash   KEYS[4] cache entry of its hash
-- KEYS[5] uses of the output it shows
-- KEYS[6] unsettled requests of equal calls, scored by the time until which equal calls get them (seconds)
-- ARGV[1] revision it was read at   ARGV[2] new record   ARGV[3] request id   ARGV[4] due at (ms), '' when terminal
-- ARGV[5] change or ''   ARGV[6] event or ''   ARGV[7] prefix of the organization's keys
-- ARGV[8] cache entry or ''   ARGV[9] its lifetime (seconds), '0': no limit   ARGV[10] 'own' or 'shared' output, or ''
-- ARGV[11] how many more seconds equal calls get this request, '0' no longer, '' as before
-- ARGV[12] '1' when the request made progress, which resets the count of workers that died while they ran it
-- ARGV[13] until when a request with an unknown charge holds its money (ms), '0' when it holds none any more, else ''
-- ARGV[14] entry of the audit log for a transition by hand, or ''   ARGV[15] to ARGV[20]: ledger.lua
-- ARGV[21] and ARGV[22] only when the request goes on with another model: a second entry of the ledger and its counters
-- Returns {revision, ids of the created deliveries …}; revision 0 when the request was changed meanwhile or no longer
-- exists, -1 when the output that it would share no longer exists, -2 when a budget has no room, and then which one:
-- {-2, budget, limit, spent, ids of the created deliveries …}.
-- Invariant: a request has one terminal transition, whose event is written with it; a terminal request leads no flight;
-- a stored output has the list of the requests that show it; equal calls get this request while its charge is not
-- settled; the cache keeps the output of the request that was accepted last (an id begins with its time).
if redis.call('HGET', KEYS[1], 'rev') ~= ARGV[1] then
  return { 0 }
end
if ARGV[10] == 'shared' and redis.call('EXISTS', KEYS[5]) == 0 then
  return { -1 }
end
local full, alerts = check_budgets(ARGV[7], ARGV, 15)
if full then
  return { -2, full[1], full[2], full[3], unpack(write_alerts(ARGV[7], alerts, {})) }
end
local is_unsettled = ARGV[11] ~= '' and ARGV[11] ~= '0'
local now_seconds = (is_unsettled or ARGV[4] == '') and redis.call('TIME')[1]
local unsettled_until = is_unsettled and now_seconds + ARGV[11]
need('HSET', KEYS[1])
need('HINCRBY', KEYS[1])
need('HDEL', KEYS[1])
need('ZADD', KEYS[2])
need('ZREM', KEYS[2])
need('EXPIRE', KEYS[6])
need('ZADD', ARGV[7] .. ':unknown-holds')
need('ZADD', ARGV[7] .. ':ended')
if ARGV[4] == '' then
  need('GET', KEYS[3])
  need('DEL', KEYS[3])
  need('SET', KEYS[4])
end
check_audit(ARGV[7] .. ':audit', ARGV[14])
local counters = check_entry(ARGV[7], ARGV, 15)
local next_counters = ARGV[21] and check_entry(ARGV[7], ARGV, 21)
local event, folded = check_change(ARGV[7], ARGV[3], ARGV[5], ARGV[6])
if ARGV[10] ~= '' then
  redis.call('SADD', KEYS[5], ARGV[3])
end
redis.call('HSET', KEYS[1], 'doc', ARGV[2])
local rev = redis.call('HINCRBY', KEYS[1], 'rev', 1)
if ARGV[4] == '' then
  redis.call('ZADD', ARGV[7] .. ':ended', now_seconds * 1000, ARGV[3])
  redis.call('ZREM', KEYS[2], ARGV[3])
  redis.call('HDEL', KEYS[1], 'providerKey')
  if redis.call('GET', KEYS[3]) == ARGV[3] then
    redis.call('DEL', KEYS[3])
  end
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
end
if is_unsettled then
  redis.call('ZADD', KEYS[6], unsettled_until, ARGV[3])
  redis.call('EXPIRE', KEYS[6], 345600)
elseif ARGV[11] == '0' then
  redis.call('ZREM', KEYS[6], ARGV[3])
end
if ARGV[12] ~= '' then
  redis.call('HDEL', KEYS[1], 'deaths')
end
local kept = ARGV[8] ~= '' and redis.call('GET', KEYS[4])
if ARGV[8] ~= '' and (not kept or string.sub(kept, 1, 13) <= string.sub(ARGV[3], 1, 13)) then
  redis.call('SET', KEYS[4], ARGV[8])
  if ARGV[9] ~= '0' then
    redis.call('EXPIRE', KEYS[4], ARGV[9])
  end
end
if ARGV[13] == '0' then
  redis.call('ZREM', ARGV[7] .. ':unknown-holds', ARGV[3])
elseif ARGV[13] ~= '' then
  redis.call('ZADD', ARGV[7] .. ':unknown-holds', ARGV[13], ARGV[3])
end
write_audit(ARGV[7] .. ':audit', ARGV[14])
write_entry(ARGV[7], ARGV, 15, counters)
write_entry(ARGV[7], ARGV, 21, next_counters)
local created = write_change(ARGV[7], ARGV[3], ARGV[5], event, folded)
return { rev, unpack(write_alerts(ARGV[7], alerts, created)) }
