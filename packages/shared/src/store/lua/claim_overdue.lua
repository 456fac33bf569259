-- Hands out overdue members of an open index and puts them off, so that several sweepers do not take the same ones.
-- KEYS[1] open index
-- ARGV[1] now (ms)   ARGV[2] put off to (ms)   ARGV[3] at most
-- Returns the ids.
-- Keeps: whatever is open is looked at again; nothing leaves the index here.
local ids = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[3])
for _, id in ipairs(ids) do
  redis.call('ZADD', KEYS[1], 'XX', ARGV[2], id)
end
return ids
