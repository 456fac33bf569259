-- A request of another organization shows this output too.
-- KEYS[1] uses of the output   ARGV[1] request id
-- Returns 1, or 0 when the output is no longer kept.
-- Keeps: an output goes with the last request that shows it.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('SADD', KEYS[1], ARGV[1])
return 1
