-- Counts calls in the current window of a rate limit, or takes counted calls back. rate-limiter-flexible runs it in the
-- place of its own script (store/rate-counter.ts), which also counts refused calls, and can begin a window below 0.
-- KEYS[1] counter of the window, which expires with it
-- ARGV[1] number of calls, negative to take them back   ARGV[2] length of a window (s)   ARGV[3] maximum in a window
-- Returns {calls in the window, as if all of these were counted; time until the window ends (ms)}
-- Invariant: a window begins with a call and counts at most the maximum; it counts no refused call, so that a limit that
-- is raised has room at once; taking back begins no window.
-- The counters go neither to disk nor to replicas: a submit would wait for a second fsync. After a failover or a restart
-- of Redis, every window begins again.
redis.set_repl(redis.REPL_NONE)
local calls = tonumber(ARGV[1])
local left = redis.call('PTTL', KEYS[1])
local counted = left > 0 and tonumber(redis.call('GET', KEYS[1])) or 0
local after = math.max(math.min(counted + calls, math.max(counted, tonumber(ARGV[3]))), 0)
if counted == 0 and after > 0 then
  redis.call('SET', KEYS[1], after, 'EX', ARGV[2])
  left = ARGV[2] * 1000
elseif after ~= counted then
  redis.call('SET', KEYS[1], after, 'KEEPTTL')
end
return { counted + calls, math.max(left, 0) }
