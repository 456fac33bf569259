-- Counts a call in the current window of a rate limit, or takes a counted call back. rate-limiter-flexible runs it in
-- the place of its own script (store/rate-limits.ts), which also counts refused calls, and can open a window below 0.
-- KEYS[1] counter of the window, which expires with it
-- ARGV[1] 1 to count, -1 to take back   ARGV[2] length of a window (s)   ARGV[3] maximum in a window
-- Returns {calls in the window, or maximum + 1 when this one is refused; time until the window ends (ms)}
-- Invariant: a window begins with a call and counts at most the maximum; it counts no refused call, so that a limit that
-- is raised has room at once; taking back begins no window.
local left = redis.call('PTTL', KEYS[1])
local counted = left > 0 and tonumber(redis.call('GET', KEYS[1])) or 0
if tonumber(ARGV[1]) < 0 then
  if counted > 0 then
    redis.call('SET', KEYS[1], counted - 1, 'KEEPTTL')
  end
  return { math.max(counted - 1, 0), math.max(left, 0) }
end
local maximum = tonumber(ARGV[3])
if counted >= maximum then
  return { maximum + 1, left }
end
if counted == 0 then
  redis.call('SET', KEYS[1], 1, 'EX', ARGV[2])
  return { 1, ARGV[2] * 1000 }
end
return { redis.call('INCR', KEYS[1]), left }
