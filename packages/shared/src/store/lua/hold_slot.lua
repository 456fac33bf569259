-- Counts a request that is at the provider as a holder, also above the limits: the pool did not know it, since it was
-- submitted before there were limits, or since Redis was restored from a backup.
-- KEYS[1] holders   ARGV[1] to ARGV[4]: see pool.lua   ARGV[5] ref   ARGV[6] model
-- Returns 1, or 0 when it already held a slot.
-- Invariant: a request holds at most one slot, and does not wait meanwhile.
if redis.call('HGET', KEYS[1], ARGV[5]) then
  return 0
end
check_pool_rights()
remove_waiting(ARGV[5])
add_holder(ARGV[5], ARGV[6], now)
return 1
