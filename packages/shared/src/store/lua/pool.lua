-- Part of the scripts of a pool: one provider account, with the requests that hold a slot there and those that wait.
-- docs/adr/0013-pacing-and-fair-share.md has the rules and their reasons. All times are Redis's (ms).
-- ARGV[1] prefix of the pool's keys   ARGV[2] most holders   ARGV[3] most per model   ARGV[4] creates per second;
-- '' for a limit that does not exist. A ref is '<organization>/<request id>'. The keys of a pool:
--   holders   ref → '<granted at> <asked at> <model>'
--   leaving   refs of holders that will lose their slot, by the time
--   waiting   ref → '<asked at> <cost> <model>'
--   line:<organization>:<model>   refs that wait, by score
--   lines     '<organization> <model>' of each line
--   counts    'all', 'model <model>', 'of <organization>': holders; 'line of <organization>': waiting requests
--   shares    organization → '<weight> <most holders>'
--   passes    organization → '<pass> <turn>' (pool_grant.lua)
--   clock     'virtual', 'turn' (pool_grant.lua)
--   creates   refs of submits that count for the rate, by the time until which they do
-- Invariant: a request holds a slot, waits in one line, or neither; `counts` equals what `holders` and the lines say.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local limits = { all = tonumber(ARGV[2]), model = tonumber(ARGV[3]), rate = tonumber(ARGV[4]) }

local function in_pool(name)
  return ARGV[1] .. ':' .. name
end

local function line_of(organization, model)
  return in_pool('line:' .. organization .. ':' .. model)
end

local function organization_of(ref)
  return string.match(ref, '^(.*)/[^/]+$')
end

-- Call it before the first write.
local function check_pool_rights()
  for _, command in ipairs({ 'HGET', 'HSET', 'HDEL', 'HINCRBY', 'EXISTS', 'DEL' }) do
    for _, name in ipairs({ 'holders', 'waiting', 'counts', 'shares', 'passes', 'clock' }) do
      need(command, in_pool(name))
    end
  end
  for _, command in ipairs({ 'ZADD', 'ZREM', 'ZRANGE', 'ZCOUNT', 'EXISTS', 'DEL' }) do
    need(command, in_pool('leaving'))
    need(command, in_pool('creates'))
    need(command, in_pool('line:'))
  end
  need('ZREMRANGEBYSCORE', in_pool('creates'))
  for _, command in ipairs({ 'SADD', 'SREM', 'SMEMBERS', 'DEL' }) do
    need(command, in_pool('lines'))
  end
end

local function count(name, by)
  if redis.call('HINCRBY', in_pool('counts'), name, by) <= 0 then
    redis.call('HDEL', in_pool('counts'), name)
  end
end

local function counted(name)
  return tonumber(redis.call('HGET', in_pool('counts'), name)) or 0
end

local function add_holder(ref, model, asked_at)
  redis.call('HSET', in_pool('holders'), ref, string.format('%.0f %.0f %s', now, asked_at, model))
  count('all', 1)
  count('model ' .. model, 1)
  count('of ' .. organization_of(ref), 1)
end

local function remove_holder(ref)
  local held = redis.call('HGET', in_pool('holders'), ref)
  if not held then
    return
  end
  local model = string.match(held, '^%S+ %S+ (.*)$')
  redis.call('HDEL', in_pool('holders'), ref)
  redis.call('ZREM', in_pool('leaving'), ref)
  count('all', -1)
  count('model ' .. model, -1)
  count('of ' .. organization_of(ref), -1)
end

-- Returns when it asked, its cost and its model; nil when it does not wait.
local function remove_waiting(ref)
  local entry = redis.call('HGET', in_pool('waiting'), ref)
  if not entry then
    return nil
  end
  local organization = organization_of(ref)
  local asked_at, cost, model = string.match(entry, '^(%S+) (%S+) (.*)$')
  local line = line_of(organization, model)
  redis.call('HDEL', in_pool('waiting'), ref)
  redis.call('ZREM', line, ref)
  count('line of ' .. organization, -1)
  if redis.call('EXISTS', line) == 0 then
    redis.call('SREM', in_pool('lines'), organization .. ' ' .. model)
  end
  return tonumber(asked_at), tonumber(cost), model
end
