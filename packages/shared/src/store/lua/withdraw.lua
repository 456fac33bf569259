-- Withdraws a request whose caller was answered 503, because the answer of the accepting script was lost.
-- KEYS[1] request   KEYS[2] idempotency key   KEYS[3] open index   KEYS[4] all requests   KEYS[5] runs per model
-- KEYS[6] flight of its cache hash
-- ARGV[1] request id   ARGV[2] model   ARGV[3] prefix of the organization's keys   ARGV[4] its leader, or ''
-- ARGV[5] and the rest: ledger.lua; it takes the first entry back
-- Returns the ids of its followers, which need another leader; empty when nothing was withdrawn.
-- Invariant: a request is withdrawn only if no worker has started it, it has not ended, and no other caller got its id;
-- everything of it is deleted, and its input goes to the trash.
local id, prefix = ARGV[1], ARGV[3]
local kept = redis.call('HMGET', KEYS[1], 'rev', 'told')
if not kept[1] then
  redis.call('SADD', prefix .. ':trash', 'in/' .. id)
  return {}
end
if kept[1] ~= '1' or kept[2] or not redis.call('ZSCORE', KEYS[3], id) then
  return {}
end
need('SADD', prefix .. ':trash')
local counters = check_entry(prefix, ARGV, 5)
need('ZREM', KEYS[3])
need('HINCRBY', KEYS[5])
need('HGET', KEYS[2])
need('GET', KEYS[6])
need('SREM', prefix .. ':followers:' .. id)
need('SMEMBERS', prefix .. ':followers:' .. id)
redis.call('DEL', KEYS[1], prefix .. ':tl:' .. id)
redis.call('SADD', prefix .. ':trash', 'in/' .. id)
redis.call('ZREM', KEYS[3], id)
redis.call('ZREM', KEYS[4], id)
redis.call('HINCRBY', KEYS[5], ARGV[2], -1)
write_entry(prefix, ARGV, 5, counters)
if redis.call('HGET', KEYS[2], 'id') == id then
  redis.call('DEL', KEYS[2])
end
if redis.call('GET', KEYS[6]) == id then
  redis.call('DEL', KEYS[6])
end
if ARGV[4] ~= '' then
  redis.call('SREM', prefix .. ':followers:' .. ARGV[4], id)
end
local followers = redis.call('SMEMBERS', prefix .. ':followers:' .. id)
redis.call('DEL', prefix .. ':followers:' .. id)
return followers
