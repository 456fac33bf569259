-- Gives a request a slot of its pool, or a place in the line of its organization and model.
-- KEYS[1] holders   KEYS[2] waiting   ARGV[1] to ARGV[4]: see pool.lua
-- ARGV[5] ref   ARGV[6] model   ARGV[7] its score in the line   ARGV[8] its cost
-- ARGV[9] weight of the organization   ARGV[10] most holders of the organization, or ''
-- Returns {how many requests of its line come before it, -1 when it has its slot; how long it waited for the slot (ms);
-- in how many ms time alone lets another request have a slot, or -1; refs of the granted requests …}.
-- Invariant: no limit is exceeded; a request is not served before one that is entitled to the slot; a second call for
-- the same request changes nothing about its place.
check_pool_rights()
local ref, organization, model = ARGV[5], organization_of(ARGV[5]), ARGV[6]
if redis.call('HGET', in_pool('shares'), organization) ~= ARGV[9] .. ' ' .. ARGV[10] then
  redis.call('HSET', in_pool('shares'), organization, ARGV[9] .. ' ' .. ARGV[10])
end
if not redis.call('HGET', KEYS[1], ref) and not redis.call('HGET', KEYS[2], ref) then
  if counted('line of ' .. organization) == 0 then
    set_pass(organization, (pass_of(organization)))
  end
  redis.call('HSET', KEYS[2], ref, string.format('%.0f %s %s', now, ARGV[8], model))
  redis.call('ZADD', line_of(organization, model), ARGV[7], ref)
  redis.call('SADD', in_pool('lines'), organization .. ' ' .. model)
  count('line of ' .. organization, 1)
end
local granted = grant()
local held = redis.call('HGET', KEYS[1], ref)
local position, waited = -1, 0
if held then
  local granted_at, asked_at = string.match(held, '^(%S+) (%S+)')
  waited = granted_at - asked_at
else
  position = redis.call('ZCOUNT', line_of(organization, model), '-inf', '(' .. ARGV[7])
end
return { position, waited, next_grant_ms(granted), unpack(granted) }
