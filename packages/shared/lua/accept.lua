-- Accepts one request, once: idempotency claim, record and indexes in one step.
-- KEYS[1] idempotency key   KEYS[2] request   KEYS[3] open index   KEYS[4] all requests   KEYS[5] runs per model
-- ARGV[1] '1' when an idempotency key was given   ARGV[2] body hash   ARGV[3] its life in seconds
-- ARGV[4] request id   ARGV[5] record   ARGV[6] created at (ms)   ARGV[7] due at (ms)   ARGV[8] model
-- ARGV[9] the caller's provider key, encrypted, or ''
-- Returns {'new', id} | {'replay', id} | {'conflict', id}
-- Keeps: one idempotency key leads to one request; a record is never without its place in the open index; a script that
-- is sent again because its answer was lost changes nothing.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return { 'new', ARGV[4] }
end
if ARGV[1] == '1' then
  local held = redis.call('HMGET', KEYS[1], 'id', 'hash')
  if held[1] then
    return { held[2] == ARGV[2] and 'replay' or 'conflict', held[1] }
  end
  redis.call('HSET', KEYS[1], 'id', ARGV[4], 'hash', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
redis.call('HSET', KEYS[2], 'rev', 1, 'doc', ARGV[5])
if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[2], 'providerKey', ARGV[9])
end
redis.call('ZADD', KEYS[3], ARGV[7], ARGV[4])
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[4])
redis.call('HINCRBY', KEYS[5], ARGV[8], 1)
return { 'new', ARGV[4] }
