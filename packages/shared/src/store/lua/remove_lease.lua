-- Removes the lease of a dead process, after all its jobs were freed.
-- KEYS[1] leases   ARGV[1] lease id
-- Returns 1, or 0 when there was nothing to remove.
-- Invariant: a process that has sent a heartbeat since it was declared dead does not lose its lease.
local last = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not last or tonumber(last) ~= 0 then
  return 0
end
return redis.call('ZREM', KEYS[1], ARGV[1])
