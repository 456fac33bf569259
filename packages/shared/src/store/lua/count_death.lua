-- Counts the death of a worker process that was running this request or delivery.
-- KEYS[1] request or delivery   ARGV[1] lease of the process
-- Returns how many processes have died since its last progress, 0 when the record no longer exists.
-- Invariant: a death counts once, even if several processes report it; an erased record is not created again.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local leases = redis.call('HGET', KEYS[1], 'deaths')
if not leases then
  leases = ARGV[1]
elseif not string.find(',' .. leases .. ',', ',' .. ARGV[1] .. ',', 1, true) then
  leases = leases .. ',' .. ARGV[1]
end
redis.call('HSET', KEYS[1], 'deaths', leases)
local _, commas = string.gsub(leases, ',', '')
return commas + 1
