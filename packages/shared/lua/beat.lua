-- One beat of a worker process: renews its lease, and judges which of the others are dead.
-- KEYS[1] leases: id → last beat (ms of this Redis), 0 once it was judged dead
-- ARGV[1] own lease id   ARGV[2] present since (ms), '' at the first beat   ARGV[3] longest gap (ms)   ARGV[4] life (ms)
-- Returns present since, own last beat ('' when there was none), then the ids of all that were judged dead.
-- Keeps: a lease is judged dead only when its holder let a whole life pass in which this process was heard all the time.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gap, life = tonumber(ARGV[3]), tonumber(ARGV[4])
local leases = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local others, own = {}, nil
for i = 1, #leases, 2 do
  if leases[i] == ARGV[1] then
    own = tonumber(leases[i + 1])
  else
    others[leases[i]] = tonumber(leases[i + 1])
  end
end

local since = now
if own and now >= own and now - own <= gap then
  since = tonumber(ARGV[2]) or now
end

local answer = { since, own or '' }
for id, last in pairs(others) do
  if last > now then
    -- The clock was set back: without this a dead process would look alive until the clock has caught up.
    redis.call('ZADD', KEYS[1], now, id)
  elseif last > 0 and now - math.max(since, last) > life then
    redis.call('ZADD', KEYS[1], 0, id)
    last = 0
  end
  if last == 0 then
    answer[#answer + 1] = id
  end
end
redis.call('ZADD', KEYS[1], now, ARGV[1])
return answer
