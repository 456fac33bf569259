-- Erases a request, if no other process has changed it since it was read.
-- KEYS[1] request   KEYS[2] open index   KEYS[3] all requests   KEYS[4] cache entry of its hash   KEYS[5] trash
-- ARGV[1] revision it was read at   ARGV[2] request id   ARGV[3] prefix of the organization's keys
-- ARGV[4] id of the request whose output it shows, usually its own id
-- ARGV[5] and the rest: ledger.lua, for what it still holds
-- Returns 1, or 0 when it was changed meanwhile or no longer exists.
-- Invariant: nothing of the request stays in Redis; its output exists as long as a request shows it; folders that must
-- be removed from the output store are in the trash until they are removed.
if redis.call('HGET', KEYS[1], 'rev') ~= ARGV[1] then
  return 0
end
local prefix, id, owner = ARGV[3], ARGV[2], ARGV[4]
need('ZREM', prefix .. ':open-dlv')
need('ZREM', prefix .. ':deliveries')
need('ZREM', prefix .. ':ended')
local counters = check_entry(prefix, ARGV, 5)
need('GET', KEYS[4])
need('SADD', KEYS[5])
need('SREM', prefix .. ':uses:' .. owner)
need('SCARD', prefix .. ':uses:' .. owner)
for _, delivery in ipairs(redis.call('LRANGE', prefix .. ':dlvs:' .. id, 0, -1)) do
  redis.call('DEL', prefix .. ':dlv:' .. delivery)
  redis.call('ZREM', prefix .. ':open-dlv', delivery)
  redis.call('ZREM', prefix .. ':failed-dlv', delivery)
  redis.call('ZREM', prefix .. ':deliveries', delivery)
end
redis.call('DEL', KEYS[1], prefix .. ':tl:' .. id, prefix .. ':dlvs:' .. id, prefix .. ':followers:' .. id)
redis.call('ZREM', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
redis.call('ZREM', prefix .. ':ended', id)
local entry = redis.call('GET', KEYS[4])
if entry and string.match(entry, '^[^\n]+') == id then
  redis.call('DEL', KEYS[4])
end
write_entry(prefix, ARGV, 5, counters)
redis.call('SADD', KEYS[5], 'in/' .. id)
redis.call('SREM', prefix .. ':uses:' .. owner, id)
if redis.call('SCARD', prefix .. ':uses:' .. owner) == 0 then
  redis.call('SADD', KEYS[5], 'out/' .. owner)
end
if owner ~= id and redis.call('SCARD', prefix .. ':uses:' .. id) == 0 then
  redis.call('SADD', KEYS[5], 'out/' .. id)
end
return 1
