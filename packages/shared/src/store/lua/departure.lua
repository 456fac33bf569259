-- Reserves the time of one submit, so that the submits of all processes keep the rate also when some of them come late.
-- KEYS[1] clock of the pool   ARGV[1] to ARGV[4]: see pool.lua
-- Returns how long to wait before the submit (ms).
-- Invariant: the reserved times keep the rate.
local wait = create_wait('departure')
count_create('departure')
return wait
