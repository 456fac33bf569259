-- Moves a request on, if nobody else has since it was read.
-- KEYS[1] request   KEYS[2] open index   KEYS[3] delivery   KEYS[4] open deliveries   KEYS[5] waiters' channel
-- ARGV[1] revision it was read at   ARGV[2] new record   ARGV[3] request id   ARGV[4] due at (ms), '' when terminal
-- ARGV[5] new status   ARGV[6] delivery id or ''   ARGV[7] delivery record   ARGV[8] delivery due at (ms)
-- Returns the new revision, or 0 when it was changed meanwhile or is gone.
-- Keeps: one terminal transition, and its event is born with it.
if redis.call('HGET', KEYS[1], 'rev') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'doc', ARGV[2])
local rev = redis.call('HINCRBY', KEYS[1], 'rev', 1)
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[2], ARGV[3])
  redis.call('HDEL', KEYS[1], 'providerKey')
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
end
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[3], 'rev', 1, 'doc', ARGV[7])
  redis.call('ZADD', KEYS[4], ARGV[8], ARGV[6])
end
redis.call('PUBLISH', KEYS[5], ARGV[5])
return rev
