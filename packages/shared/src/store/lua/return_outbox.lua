-- Puts entries that a process took back into the outbox, to the front, and rings for a worker.
-- KEYS[1] outbox   KEYS[2] taken (entry → lease)   KEYS[3] bell   ARGV[1] lease   ARGV[2] and the rest: entries
-- Returns how many.
-- Invariant: an entry that the process has no more stays where it is.
need('HDEL', KEYS[2])
check_ring(KEYS[3])
local own = own_entries(KEYS[2])
if #own == 0 then
  return 0
end
redis.call('LPUSH', KEYS[1], unpack(own))
redis.call('HDEL', KEYS[2], unpack(own))
ring(KEYS[3])
return #own
