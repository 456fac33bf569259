-- Hands entries of the outbox to a worker process. They stay noted as its own until their requests need it no more
-- (settle_outbox.lua), so that another process gets them when this one dies (return_outbox.lua). An entry is dropped
-- when its request has a job in the queue already, which does the rest, and when it is there twice. When entries are
-- left, it rings for another process.
-- KEYS[1] outbox   KEYS[2] taken (entry → lease)   KEYS[3] bell   ARGV[1] lease   ARGV[2] at most so many   ARGV[3] prefix of the jobs
-- Returns {how many entries left the outbox, the entries to work on …}.
-- Invariant: the request of an entry is in the outbox, or taken by one lease, or it has a job, or it has ended.
local entries = redis.call('LRANGE', KEYS[1], 0, ARGV[2] - 1)
if #entries == 0 then
  return { 0 }
end
need('EXISTS', ARGV[3])
need('HSETNX', KEYS[2])
need('LLEN', KEYS[1])
check_ring(KEYS[3])
redis.call('LTRIM', KEYS[1], #entries, -1)
local mine = { #entries }
for _, entry in ipairs(entries) do
  local has_job = redis.call('EXISTS', ARGV[3] .. string.match(entry, '[^ ]+$')) == 1
  if not has_job and redis.call('HSETNX', KEYS[2], entry, ARGV[1]) == 1 then
    mine[#mine + 1] = entry
  end
end
if redis.call('LLEN', KEYS[1]) > 0 then
  ring(KEYS[3])
end
return mine
