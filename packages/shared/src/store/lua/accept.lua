-- Accepts one request once: claims the idempotency key, and writes the record and its indexes, if the cache holds what
-- the record expects.
-- KEYS[1] idempotency key   KEYS[2] request   KEYS[3] open index   KEYS[4] all requests   KEYS[5] runs per model
-- KEYS[6] cache entry of its hash   KEYS[7] flight of its hash   KEYS[8] uses of the output it shows
-- KEYS[9] unsettled requests of equal calls, scored by the time until which equal calls get them (seconds)
-- ARGV[1] '1' when an idempotency key was given   ARGV[2] body hash   ARGV[3] lifetime of the key (seconds)
-- ARGV[4] request id   ARGV[5] record   ARGV[6] created at (ms)   ARGV[7] due at (ms), '' when terminal   ARGV[8] model
-- ARGV[9] the caller's provider key, encrypted, or ''   ARGV[10] change or ''   ARGV[11] event or ''
-- ARGV[12] prefix of the organization's keys
-- ARGV[13] what the record expects of the cache: 'off', 'refresh', 'miss', 'join:<leader>', 'hit:<owner>', or
-- 'elsewhere' (a hit of another organization's entry)
-- ARGV[14] '1' when the call may get an equal, unsettled request   ARGV[15] not after (ms, by Redis's clock)
-- ARGV[16] maximum number of open requests, '' for no limit   ARGV[17] and the rest: ledger.lua
-- Returns {'new', id, ids of the created deliveries …} | {'late', Redis's time (ms)} | {'replay', id} |
-- {'conflict', id} | {'unsettled', id} | {'changed', what the cache holds, cache entry or ''} |
-- {'budget', full budget, its limit, spent of it, ids of the created deliveries …} | {'full', maximum}; only 'new' is
-- accepted.
-- Invariant: one idempotency key leads to one request; a record is never without its place in the open index; a script
-- that is sent again because its answer was lost changes nothing; one of the equal requests in flight leads; a script
-- that runs too late accepts nothing, because its caller was answered 503; a request whose id another caller has
-- received (field 'told') is never withdrawn; what budgets set aside and what was spent never passes a budget.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return { 'new', ARGV[4] }
end
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if now > tonumber(ARGV[15]) then
  return { 'late', string.format('%.0f', now) }
end
if ARGV[1] == '1' then
  local held = redis.call('HMGET', KEYS[1], 'id', 'hash')
  if held[1] then
    local first = ARGV[12] .. ':req:' .. held[1]
    if redis.call('EXISTS', first) == 1 then
      redis.call('HSET', first, 'told', 1)
    end
    return { held[2] == ARGV[2] and 'replay' or 'conflict', held[1] }
  end
end

local expected = ARGV[13]
local entry = expected ~= 'off' and expected ~= 'refresh' and redis.call('GET', KEYS[6])
if ARGV[14] == '1' and not entry and expected ~= 'elsewhere' then
  local unsettled = redis.call('ZREVRANGEBYSCORE', KEYS[9], '+inf', '(' .. clock[1], 'LIMIT', 0, 1)[1]
  if unsettled and redis.call('EXISTS', ARGV[12] .. ':req:' .. unsettled) == 1 then
    redis.call('HSET', ARGV[12] .. ':req:' .. unsettled, 'told', 1)
    return { 'unsettled', unsettled }
  end
end

local leader = nil
if expected ~= 'off' and expected ~= 'refresh' and expected ~= 'elsewhere' then
  leader = not entry and redis.call('GET', KEYS[7])
  local actual = 'miss'
  if entry then
    actual = 'hit:' .. string.match(entry, '^[^\n]+')
  elseif leader then
    actual = 'join:' .. leader
  end
  if actual ~= expected then
    return { 'changed', actual, entry or '' }
  end
end

if ARGV[16] ~= '' and redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[16]) then
  return { 'full', ARGV[16] }
end
local full, alerts = check_budgets(ARGV[12], 17)
if full then
  return { 'budget', full[1], full[2], full[3], unpack(write_alerts(ARGV[12], alerts, {})) }
end

need('EXPIRE', KEYS[1])
need('ZADD', KEYS[4])
need('HINCRBY', KEYS[5])
need('SET', KEYS[7])
need('SADD', ARGV[12] .. ':followers:')
local counters = check_entry(ARGV[12], 17)
local event = check_change(ARGV[12], ARGV[4], ARGV[10], ARGV[11])
if ARGV[1] == '1' then
  redis.call('HSET', KEYS[1], 'id', ARGV[4], 'hash', ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
redis.call('HSET', KEYS[2], 'rev', 1, 'doc', ARGV[5])
if ARGV[9] ~= '' then
  redis.call('HSET', KEYS[2], 'providerKey', ARGV[9])
end
redis.call('ZADD', KEYS[4], ARGV[6], ARGV[4])
redis.call('HINCRBY', KEYS[5], ARGV[8], 1)
if ARGV[7] ~= '' then
  redis.call('ZADD', KEYS[3], ARGV[7], ARGV[4])
end
if expected == 'miss' then
  redis.call('SET', KEYS[7], ARGV[4], 'EX', 259200)
elseif expected == 'refresh' then
  redis.call('SET', KEYS[7], ARGV[4], 'NX', 'EX', 259200)
elseif leader then
  redis.call('SADD', ARGV[12] .. ':followers:' .. leader, ARGV[4])
elseif ARGV[7] == '' and expected ~= 'elsewhere' then
  redis.call('SADD', KEYS[8], ARGV[4])
end
write_entry(ARGV[12], 17, counters)
local created = write_change(ARGV[12], ARGV[4], ARGV[10], event)
return { 'new', ARGV[4], unpack(write_alerts(ARGV[12], alerts, created)) }
