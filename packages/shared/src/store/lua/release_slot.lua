-- Takes a request out of its pool and gives its slot to those that wait.
-- KEYS[1] holders   KEYS[2] waiting   ARGV[1] to ARGV[4]: see pool.lua
-- ARGV[5] ref   ARGV[6] how much longer a holder keeps its slot (ms), because its job may still run at the provider
-- Returns {in how many ms time alone lets another request have a slot, or -1; refs of the granted requests …}.
-- Invariant: a second call changes nothing; a pool without holders and lines keeps nothing but its rate.
local holds = redis.call('HGET', KEYS[1], ARGV[5])
if not holds and not redis.call('HGET', KEYS[2], ARGV[5]) then
  return { -1 }
end
check_pool_rights()
remove_waiting(ARGV[5])
if holds and tonumber(ARGV[6]) > 0 then
  redis.call('ZADD', in_pool('leaving'), 'NX', now + ARGV[6], ARGV[5])
else
  remove_holder(ARGV[5])
end
local granted = grant()
if redis.call('EXISTS', KEYS[1]) == 0 and redis.call('EXISTS', KEYS[2]) == 0 then
  for _, name in ipairs({ 'passes', 'shares', 'counts', 'lines', 'leaving', 'clock' }) do
    redis.call('DEL', in_pool(name))
  end
end
return { next_grant_ms(granted), unpack(granted) }
