-- Removes the lease of a dead process when all that it held has been freed.
-- KEYS[1] leases   ARGV[1] lease id
-- Returns 1, or 0 when there was nothing to remove.
-- Keeps: the lease of a process that has sent a heartbeat since it was declared dead.
local last = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not last or tonumber(last) ~= 0 then
  return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
