-- Notes that a submit has certainly arrived at the provider: from now on it counts for the rate for one more period.
-- KEYS[1] creates   KEYS[2] waiting   ARGV[1] to ARGV[4]: see pool.lua   ARGV[5] ref
-- Returns {in how many ms time alone lets another request have a slot, or -1}.
-- Invariant: each submit counts, also two of the same request.
check_pool_rights()
need('ZSCORE', KEYS[1])
redis.call('ZREM', KEYS[1], ARGV[5])
local submit = ARGV[5] .. ' ' .. now
-- Two in one millisecond.
while redis.call('ZSCORE', KEYS[1], submit) do
  submit = submit .. '+'
end
redis.call('ZADD', KEYS[1], now + creates.ms, submit)
return { next_grant_ms({}) }
