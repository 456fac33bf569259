-- Saves a delivery after an attempt or for a redelivery, if no other process has changed it since it was read.
-- KEYS[1] delivery   KEYS[2] open deliveries   KEYS[3] failed deliveries
-- ARGV[1] revision it was read at   ARGV[2] new record   ARGV[3] delivery id   ARGV[4] due at (ms), '' when it ended
-- ARGV[5] created at (ms) when it was abandoned, else ''
-- Returns the new revision, or 0 when it was changed meanwhile or no longer exists.
-- Invariant: no attempt is lost; a saved attempt resets the count of workers that died while they sent the delivery; a
-- delivery that has not ended is in the open index, an abandoned one in the index of failed deliveries.
if redis.call('HGET', KEYS[1], 'rev') ~= ARGV[1] then
  return 0
end
need('HDEL', KEYS[1])
need('ZREM', KEYS[2])
need('ZADD', KEYS[2])
need('HINCRBY', KEYS[1])
redis.call('HSET', KEYS[1], 'doc', ARGV[2])
redis.call('HDEL', KEYS[1], 'deaths')
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[2], ARGV[3])
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
end
if ARGV[5] == '' then
  redis.call('ZREM', KEYS[3], ARGV[3])
else
  redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3])
end
return redis.call('HINCRBY', KEYS[1], 'rev', 1)
