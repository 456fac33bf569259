-- Saves changes of an organization's alerts, if no other process has changed them since they were read.
-- KEYS[1] open alerts, by the names of their conditions   KEYS[2] how often they were changed
-- KEYS[3] ended alerts, by their ends (ms)
-- ARGV[1] revision they were read at, '0' before the first   ARGV[2] prefix of the organization's keys
-- ARGV[3] alerts that ended before this time (ms) are forgotten
-- Then for each change: ARGV[n] condition   ARGV[n + 1] alert   ARGV[n + 2] its end (ms), '' while it is open
-- ARGV[n + 3] event or '' (events.lua)
-- Returns {revision, ids of the created deliveries …}; revision 0 when they were changed meanwhile.
-- Invariant: a condition has at most one open alert; an alert is opened once and closed once, each with its event.
if (redis.call('GET', KEYS[2]) or '0') ~= ARGV[1] then
  return { 0 }
end
need('HSET', KEYS[1])
need('HDEL', KEYS[1])
need('EXPIRE', KEYS[1])
need('EXPIRE', KEYS[2])
need('ZADD', KEYS[3])
need('ZREMRANGEBYSCORE', KEYS[3])
need('EXPIRE', KEYS[3])
need('ZADD', ARGV[2] .. ':alert-dlv')
check_event(ARGV[2])
local rev = redis.call('INCR', KEYS[2])
local created = {}
for at = 4, #ARGV, 4 do
  local condition, alert, ended = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if ended == '' then
    redis.call('HSET', KEYS[1], condition, alert)
  else
    redis.call('HDEL', KEYS[1], condition)
    redis.call('ZADD', KEYS[3], ended, alert)
  end
  if ARGV[at + 3] ~= '' then
    local event = cjson.decode(ARGV[at + 3])
    write_event(ARGV[2], event, event.message, { '', 0, alert }, created)
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[3])
-- 40 days and 2 days: longer than anything of them is of use.
redis.call('EXPIRE', KEYS[1], 3456000)
redis.call('EXPIRE', KEYS[2], 3456000)
redis.call('EXPIRE', KEYS[3], 172800)
table.insert(created, 1, rev)
return created
