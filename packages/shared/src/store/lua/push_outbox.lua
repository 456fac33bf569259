-- Puts requests into the outbox of a queue, and rings for a worker.
-- KEYS[1] outbox   KEYS[2] bell   ARGV: entries, '<organization> <request id>'
-- Returns nothing.
-- Invariant: while the outbox has entries that no ring announced, the bell has one ring.
check_ring(KEYS[2])
redis.call('RPUSH', KEYS[1], unpack(ARGV))
ring(KEYS[2])
