-- One heartbeat of a worker process: renews its lease and decides which other processes are dead.
-- KEYS[1] leases: id → last heartbeat (ms, by Redis's clock), 0 when the process was declared dead
-- ARGV[1] own lease id   ARGV[2] longest gap (ms)   ARGV[3] lifetime of a lease (ms)
-- ARGV[4] present since (ms)   ARGV[5] the last answered heartbeat (ms); both 0 at the first heartbeat
-- Returns present since, now, own last heartbeat ('' at the first), then the ids of all dead processes.
-- Invariant: a process is declared dead only when it sent no heartbeat for a whole lifetime in which Redis answered
-- this process (store/leases.ts has the argument).
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local gap, life = tonumber(ARGV[2]), tonumber(ARGV[3])
local since, answered = tonumber(ARGV[4]), tonumber(ARGV[5])
if now < answered or now - answered > gap then
  since = now
end

local leases = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local others, own = {}, nil
for i = 1, #leases, 2 do
  if leases[i] == ARGV[1] then
    own = tonumber(leases[i + 1])
  else
    others[leases[i]] = tonumber(leases[i + 1])
  end
end

local answer = { since, now, own or '' }
for id, last in pairs(others) do
  if last > now then
    -- The clock was set back. Without this a dead process would look alive until the clock has caught up.
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
