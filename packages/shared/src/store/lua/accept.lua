-- Accepts requests of one organization, each once: claims the idempotency key, and writes the record and its indexes, if
-- the cache holds what the record expects. Each request has 9 keys and 22 arguments; those of several requests follow one
-- another. Returns one answer for each.
-- keys[1] idempotency key   keys[2] request   keys[3] open index   keys[4] all requests   keys[5] runs per model
-- keys[6] cache entry of its hash   keys[7] flight of its hash   keys[8] uses of the output it shows
-- keys[9] unsettled requests of equal calls, scored by the time until which equal calls get them (seconds)
-- args[1] '1' when an idempotency key was given   args[2] body hash   args[3] lifetime of the key (seconds)
-- args[4] request id   args[5] record   args[6] created at (ms)   args[7] due at (ms), '' when terminal   args[8] model
-- args[9] the caller's provider key, encrypted, or ''   args[10] change or ''   args[11] event or ''
-- args[12] prefix of the organization's keys
-- args[13] what the record expects of the cache: 'off', 'refresh', 'miss', 'join:<leader>', 'hit:<owner>', or
-- 'elsewhere' (a hit of another organization's entry)
-- args[14] '1' when the call may get an equal, unsettled request, '2' when equal calls also get this one while it is in
-- flight, else '0'   args[15] not after (ms, by Redis's clock)
-- args[16] maximum number of open requests, '' for no limit   args[17] and the rest: ledger.lua
-- Its answer: {'new', id, ids of the created deliveries …} | {'late', Redis's time (ms)} | {'replay', id} |
-- {'conflict', id} | {'unsettled', id} | {'changed', what the cache holds, cache entry or ''} |
-- {'budget', full budget, its limit, spent of it, ids of the created deliveries …} | {'full', maximum} |
-- {'error', message}; only 'new' is accepted.
-- Invariant: one idempotency key leads to one request; a record is never without its place in the open index; a script
-- that is sent again because its answer was lost changes nothing; one of the equal requests in flight leads; a script
-- that runs too late accepts nothing, because its caller was answered 503; a request whose id another caller has
-- received (field 'told') is never withdrawn; what budgets set aside and what was spent never passes a budget; a
-- request that fails leaves the others of its call as they are.
local function accept(keys, args, sums)
  if redis.call('EXISTS', keys[2]) == 1 then
    return { 'new', args[4] }
  end
  local clock = redis.call('TIME')
  local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
  if now > tonumber(args[15]) then
    return { 'late', string.format('%.0f', now) }
  end
  if args[1] == '1' then
    local held = redis.call('HMGET', keys[1], 'id', 'hash')
    if held[1] then
      local first = args[12] .. ':req:' .. held[1]
      if redis.call('EXISTS', first) == 1 then
        redis.call('HSET', first, 'told', 1)
      end
      return { held[2] == args[2] and 'replay' or 'conflict', held[1] }
    end
  end

  local expected = args[13]
  local entry = expected ~= 'off' and expected ~= 'refresh' and redis.call('GET', keys[6])
  if args[14] ~= '0' and not entry and expected ~= 'elsewhere' then
    local unsettled = redis.call('ZREVRANGEBYSCORE', keys[9], '+inf', '(' .. clock[1], 'LIMIT', 0, 1)[1]
    if unsettled and redis.call('EXISTS', args[12] .. ':req:' .. unsettled) == 1 then
      redis.call('HSET', args[12] .. ':req:' .. unsettled, 'told', 1)
      return { 'unsettled', unsettled }
    end
  end

  local leader = nil
  if expected ~= 'off' and expected ~= 'refresh' and expected ~= 'elsewhere' then
    leader = not entry and redis.call('GET', keys[7])
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

  if args[16] ~= '' and redis.call('ZCARD', keys[3]) >= tonumber(args[16]) then
    return { 'full', args[16] }
  end
  local full, alerts = check_budgets(args[12], args, 17)
  if full then
    return { 'budget', full[1], full[2], full[3], unpack(write_alerts(args[12], alerts, {})) }
  end

  need('EXPIRE', keys[1])
  need('ZADD', keys[4])
  need('HINCRBY', keys[5])
  need('SET', keys[7])
  need('SADD', args[12] .. ':followers:')
  need('ZADD', args[12] .. ':ended')
  need('EXPIRE', keys[9])
  local counters = check_entry(args[12], args, 17)
  local event, folded = check_change(args[12], args[4], args[10], args[11])
  if args[1] == '1' then
    redis.call('HSET', keys[1], 'id', args[4], 'hash', args[2])
    redis.call('EXPIRE', keys[1], args[3])
  end
  redis.call('HSET', keys[2], 'rev', 1, 'doc', args[5])
  if args[9] ~= '' then
    redis.call('HSET', keys[2], 'providerKey', args[9])
  end
  redis.call('ZADD', keys[4], args[6], args[4])
  redis.call('HINCRBY', keys[5], args[8], 1)
  if args[7] ~= '' then
    redis.call('ZADD', keys[3], args[7], args[4])
  else
    redis.call('ZADD', args[12] .. ':ended', clock[1] * 1000, args[4])
  end
  if expected == 'miss' then
    redis.call('SET', keys[7], args[4], 'EX', 259200)
  elseif expected == 'refresh' then
    redis.call('SET', keys[7], args[4], 'NX', 'EX', 259200)
  elseif leader then
    redis.call('SADD', args[12] .. ':followers:' .. leader, args[4])
  elseif args[7] == '' and expected ~= 'elsewhere' then
    redis.call('SADD', keys[8], args[4])
  end
  if args[14] == '2' and args[7] ~= '' then
    redis.call('ZADD', keys[9], clock[1] + 259200, args[4])
    redis.call('EXPIRE', keys[9], 345600)
  end
  write_entry(args[12], args, 17, counters, sums)
  local created = write_change(args[12], args[4], args[10], event, folded)
  return { 'new', args[4], unpack(write_alerts(args[12], alerts, created)) }
end

local KEY_COUNT, ARG_COUNT = 9, 22
local prefix, count = ARGV[12], #KEYS / KEY_COUNT
-- A budget is checked against the counters, so with budgets these must be right after each request.
local sums = count > 1 and redis.call('EXISTS', prefix .. ':budgets') == 0 and {} or nil
local answers = {}
for number = 1, count do
  local keys = { unpack(KEYS, (number - 1) * KEY_COUNT + 1, number * KEY_COUNT) }
  local args = { unpack(ARGV, (number - 1) * ARG_COUNT + 1, number * ARG_COUNT) }
  local done, answer = pcall(accept, keys, args, sums)
  answers[number] = done and answer or { 'error', type(answer) == 'table' and answer.err or tostring(answer) }
end
if sums then
  raise_sums(prefix, sums)
end
return answers
