-- Notes that a submit has certainly arrived at the provider: from now on it counts for the rate for one more period.
-- KEYS[1] creates   KEYS[2] waiting   ARGV[1] to ARGV[4]: see pool.lua   ARGV[5] ref
-- Returns {in how many ms time alone lets another request have a slot, or -1}.
-- Invariant: each submit counts, also two of the same request.
check_pool_rights()
redis.call('ZREM', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[1], now + creates.ms, ARGV[5] .. ' ' .. now)
return { next_grant_ms({}) }
