-- Puts requests into the outbox of a queue, and rings for a worker.
-- KEYS[1] outbox   KEYS[2] bell   ARGV: entries, '<organization> <request id>'
-- Returns nothing.
-- Invariant: while the outbox has entries that no ring announced, the bell has one ring.
need('EXISTS', KEYS[2])
need('LPUSH', KEYS[2])
redis.call('RPUSH', KEYS[1], unpack(ARGV))
if redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('LPUSH', KEYS[2], 1)
end
