-- Reserves the time of one submit, so that the submits of all processes keep the rate also when some of them come late.
-- KEYS[1] clock of the pool   ARGV[1] to ARGV[4]: see pool.lua   ARGV[5] the longest wait (ms)
-- Returns how long to wait before the submit (ms). Nothing is reserved when that is longer than the longest wait.
-- Invariant: the reserved times keep the rate.
local wait = create_wait('departure')
if wait <= tonumber(ARGV[5]) then
  count_create('departure')
end
return wait
