-- Asks whether a request with a slot may be submitted now. Its grant counts for the rate only for a while: a request
-- that was delayed for longer, as by the death of its worker, needs a new place in the rate.
-- KEYS[1] creates   ARGV[1] to ARGV[4]: see pool.lua   ARGV[5] ref
-- Returns 0: submit it; else in how many ms to ask again.
-- Invariant: the provider never gets more submits in a second than the rate.
local counts_until = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[5]) or 0)
local wait = counts_until > now and 0 or create_wait()
if wait == 0 then
  count_create(ARGV[5])
end
return wait
