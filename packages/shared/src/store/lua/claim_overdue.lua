-- Returns overdue members of an open index and postpones them, so that several sweepers do not take the same ones.
-- KEYS[1] open index
-- ARGV[1] now (ms)   ARGV[2] due again at (ms)   ARGV[3] at most so many
-- Returns the ids.
-- Invariant: no member is removed from the index, so every open request or delivery is looked at again.
local ids = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[2], id)
end
return ids
