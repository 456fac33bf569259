-- Puts entries that a process took back into the outbox, to the front, and rings for a worker.
-- KEYS[1] outbox   KEYS[2] taken (entry → lease)   KEYS[3] bell   ARGV[1] lease   ARGV[2] and the rest: entries
-- Returns how many.
-- Invariant: an entry that the process has no more stays where it is.
need('HDEL', KEYS[2])
need('EXISTS', KEYS[3])
need('LPUSH', KEYS[3])
local own = {}
for at, lease in ipairs(redis.call('HMGET', KEYS[2], unpack(ARGV, 2))) do
  if lease == ARGV[1] then
    own[#own + 1] = ARGV[at + 1]
  end
end
if #own == 0 then
  return 0
end
redis.call('LPUSH', KEYS[1], unpack(own))
redis.call('HDEL', KEYS[2], unpack(own))
if redis.call('EXISTS', KEYS[3]) == 0 then
  redis.call('LPUSH', KEYS[3], 1)
end
return #own
