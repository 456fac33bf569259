-- Adds a request of another organization to those that show this output.
-- KEYS[1] uses of the output   ARGV[1] request id
-- Returns 1, or 0 when the output no longer exists.
-- Invariant: an output exists as long as a request shows it.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('SADD', KEYS[1], ARGV[1])
return 1
