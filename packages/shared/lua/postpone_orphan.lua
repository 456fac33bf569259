-- An accepted request that no worker has begun is left alone once more: the API that accepted it without an answer from
-- Redis may be about to withdraw it, as its caller was told that nothing was accepted.
-- KEYS[1] request   KEYS[2] open index   ARGV[1] request id   ARGV[2] due at (ms)
-- Returns 1 the first time, then 0.
-- Keeps: an API that was cut off from Redis has time to withdraw, before the sweeper wakes a worker.
if redis.call('HGET', KEYS[1], 'rev') ~= '1' or redis.call('HSETNX', KEYS[1], 'orphan', 1) == 0 then
  return 0
end
redis.call('ZADD', KEYS[2], 'XX', ARGV[2], ARGV[1])
return 1
