-- Creates deliveries of events that an endpoint missed while it was disabled, and notes how far it has caught up.
-- KEYS[1] missed events   KEYS[2] open deliveries   KEYS[3] deliveries of alerts
-- ARGV[1] endpoint id   ARGV[2] its entry as it was read   ARGV[3] the new entry, '' when it has caught up
-- ARGV[4] prefix of the organization's keys   ARGV[5] due at (ms)
-- Then for each event, in order: ARGV[n] request id, '' for an alert   ARGV[n + 1] delivery id   ARGV[n + 2] delivery
-- ARGV[n + 3] its time (ms)
-- Returns {1, ids of the created deliveries …}, or {0} when another process has changed the entry since it was read.
-- Invariant: an event has at most one delivery for the endpoint; a delivery does not outlive its request.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return { 0 }
end
need('HSET', ARGV[4] .. ':dlv:')
need('ZADD', KEYS[2])
need('ZADD', KEYS[3])
need('ZADD', ARGV[4] .. ':deliveries')
need('RPUSH', ARGV[4] .. ':dlvs:')
need('HDEL', KEYS[1])
need('HSET', KEYS[1])
local created = {}
for at = 6, #ARGV, 4 do
  local request, delivery = ARGV[at], ARGV[at + 1]
  local key = ARGV[4] .. ':dlv:' .. delivery
  local is_wanted = request == '' or redis.call('EXISTS', ARGV[4] .. ':req:' .. request) == 1
  if is_wanted and redis.call('EXISTS', key) == 0 then
    redis.call('HSET', key, 'rev', 1, 'doc', ARGV[at + 2])
    redis.call('ZADD', KEYS[2], ARGV[5], delivery)
    redis.call('ZADD', ARGV[4] .. ':deliveries', ARGV[at + 3], delivery)
    if request == '' then
      redis.call('ZADD', KEYS[3], ARGV[at + 3], delivery)
    else
      redis.call('RPUSH', ARGV[4] .. ':dlvs:' .. request, delivery)
    end
    created[#created + 1] = delivery
  end
end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return { 1, unpack(created) }
