-- Stores a request that ended long ago in its cold form (cold-form.ts), if no other process has changed it since it was
-- read.
-- KEYS[1] request   KEYS[2] time line   KEYS[3] ended requests
-- ARGV[1] revision it was read at   ARGV[2] request id   ARGV[3] cold form   ARGV[4] how many changes it contains
-- Returns 1, or 0 when the request was changed meanwhile or no longer exists.
-- Invariant: a request has its record as 'doc', or in 'cold'; its changes are those of 'cold', then its time line.
if redis.call('HGET', KEYS[1], 'rev') ~= ARGV[1] then
  return 0
end
need('DEL', KEYS[2])
need('RENAME', KEYS[1])
need('ZREM', KEYS[3])
-- A new hash, because Redis never converts a hash table back to a listpack.
local new = KEYS[1] .. ':cold'
redis.call('HSET', new, 'rev', ARGV[1], 'cold', ARGV[3], 'folded', ARGV[4])
redis.call('RENAME', new, KEYS[1])
redis.call('DEL', KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[2])
return 1
