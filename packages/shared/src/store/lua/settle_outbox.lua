-- Forgets entries that a process took: their requests have jobs now, or need no worker any more.
-- KEYS[1] taken (entry → lease)   ARGV[1] lease   ARGV[2] and the rest: entries
-- Returns nothing.
-- Invariant: an entry that another process has by now stays noted as its own.
local own = own_entries(KEYS[1])
if #own > 0 then
  redis.call('HDEL', KEYS[1], unpack(own))
end
