-- Gives the slots that time has freed (the rate, or holders that were leaving) to those that wait.
-- KEYS[1] holders   ARGV[1] to ARGV[4]: see pool.lua
-- Returns {in how many ms time alone lets another request have a slot, or -1; refs of the granted requests …}.
-- Invariant: no limit is exceeded.
check_pool_rights()
local granted = grant()
return { next_grant_ms(granted), unpack(granted) }
