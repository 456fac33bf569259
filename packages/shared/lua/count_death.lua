-- A worker process died while it had this record in hand.
-- KEYS[1] request or delivery   ARGV[1] lease of the process
-- Returns how many processes have died with it since it was last carried on, 0 when it is gone.
-- Keeps: a death counts once, whoever tells of it; nothing is left of what was erased meanwhile.
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
