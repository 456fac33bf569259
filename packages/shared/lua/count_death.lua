-- A worker process died while it had this record in hand.
-- KEYS[1] request or delivery
-- Returns the deaths since it was last carried on, 0 when it is gone.
-- Keeps: nothing is left of what was erased meanwhile.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
return redis.call('HINCRBY', KEYS[1], 'deaths', 1)
