-- Removes a request of another organization from those that show this output.
-- KEYS[1] uses of the output   KEYS[2] trash   ARGV[1] request id   ARGV[2] id of the request that made the output
-- Returns 1.
-- Invariant: an output exists as long as a request shows it.
need('SCARD', KEYS[1])
need('SADD', KEYS[2])
redis.call('SREM', KEYS[1], ARGV[1])
if redis.call('SCARD', KEYS[1]) == 0 then
  redis.call('SADD', KEYS[2], 'out/' .. ARGV[2])
end
return 1
