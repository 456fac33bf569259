-- Part of the scripts of the outbox.

-- Call it before the first write: it fails if ring could fail.
local function check_ring(bell)
  need('EXISTS', bell)
  need('LPUSH', bell)
end

-- Wakes a worker, unless a ring is waiting for one.
local function ring(bell)
  if redis.call('EXISTS', bell) == 0 then
    redis.call('LPUSH', bell, 1)
  end
end

-- Those of the entries ARGV[2] … that the process with the lease ARGV[1] has. taken: entry → lease.
local function own_entries(taken)
  local own = {}
  for at, lease in ipairs(redis.call('HMGET', taken, unpack(ARGV, 2))) do
    if lease == ARGV[1] then
      own[#own + 1] = ARGV[at + 1]
    end
  end
  return own
end
