-- Postpones once the wake-up of a request that no worker has started: perhaps the API lost the answer of the accepting
-- script, answered its caller 503, and will withdraw the request.
-- KEYS[1] request   KEYS[2] open index   ARGV[1] request id   ARGV[2] due at (ms)
-- Returns 1 the first time, then 0.
-- Invariant: an API that was cut off from Redis has time to withdraw a request before the sweeper wakes a worker.
need('ZADD', KEYS[2])
if redis.call('HGET', KEYS[1], 'rev') ~= '1' or redis.call('HSETNX', KEYS[1], 'orphan', 1) == 0 then
  return 0
end
redis.call('ZADD', KEYS[2], 'XX', ARGV[2], ARGV[1])
return 1
