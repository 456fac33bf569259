-- Part of the scripts of a pool that grant slots. Start-time fair queueing: each organization has a pass, which a grant
-- moves on by the cost of the request divided by the organization's weight. The smallest pass is served next; among
-- equal ones, the organization that has waited longest for its turn. `virtual` is the pass of the last grant: an
-- organization that begins to wait, or could not be served for a while, starts there, without credit from the past.

-- The rest is granted by the next call, which the caller makes at once.
local MAX_GRANTS = 100
-- The rate: at most `creates.most` submits in any `creates.ms`. A submit counts from its grant until that time after it
-- certainly arrived at the provider (sent_submit.lua), because between the two it may be late by any time.
local most = limits.rate and math.max(1, math.floor(limits.rate))
local creates = limits.rate and { most = most, ms = math.ceil(1000 * most / limits.rate) }
-- A submit that nobody reported as sent has arrived by then, or never will: its process has died.
local ARRIVES_WITHIN_MS = 5000

local function forget_creates()
  redis.call('ZREMRANGEBYSCORE', in_pool('creates'), '-inf', now)
  -- From before Redis's clock was set back.
  redis.call('ZREMRANGEBYSCORE', in_pool('creates'), '(' .. now + creates.ms + ARRIVES_WITHIN_MS, '+inf')
end

-- How long until another create keeps the rate (ms), as far as is known now; 0: now.
local function create_wait()
  if not creates or redis.call('ZCOUNT', in_pool('creates'), '(' .. now, '+inf') < creates.most then
    return 0
  end
  local next = redis.call('ZRANGE', in_pool('creates'), '(' .. now, '+inf', 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')
  return next[2] - now
end

local function count_create(ref)
  if creates then
    redis.call('ZADD', in_pool('creates'), now + creates.ms + ARRIVES_WITHIN_MS, ref)
  end
end

local function virtual_time()
  return tonumber(redis.call('HGET', in_pool('clock'), 'virtual')) or 0
end

local function set_pass(organization, pass)
  local turn = redis.call('HINCRBY', in_pool('clock'), 'turn', 1)
  redis.call('HSET', in_pool('passes'), organization, string.format('%.6f %.0f', pass, turn))
  return turn
end

local function pass_of(organization)
  local entry = redis.call('HGET', in_pool('passes'), organization) or '0 0'
  local pass, turn = string.match(entry, '^(%S+) (%S+)$')
  return tonumber(pass), tonumber(turn)
end

local function is_full(name, limit)
  return limit ~= nil and counted(name) >= limit
end

-- The organizations that wait, each with the models of its lines.
local function waiting_organizations()
  local list, known = {}, {}
  for _, line in ipairs(redis.call('SMEMBERS', in_pool('lines'))) do
    local organization, model = string.match(line, '^(.*) (%S+)$')
    local one = known[organization]
    if not one then
      local weight, most = string.match(redis.call('HGET', in_pool('shares'), organization) or '1 ', '^(%S+) (%S*)$')
      local pass, turn = pass_of(organization)
      one = { name = organization, weight = tonumber(weight), most = tonumber(most), pass = pass, turn = turn, models = {} }
      known[organization] = one
      list[#list + 1] = one
    end
    one.models[#one.models + 1] = model
  end
  return list
end

-- The request of the organization that comes first, of those whose model has a free slot.
local function first_of(one)
  local first, lowest = nil, nil
  for _, model in ipairs(one.models) do
    if not is_full('model ' .. model, limits.model) then
      local head = redis.call('ZRANGE', line_of(one.name, model), 0, 0, 'WITHSCORES')
      local score = tonumber(head[2])
      if head[1] and (not first or score < lowest or (score == lowest and head[1] < first)) then
        first, lowest = head[1], score
      end
    end
  end
  return first
end

local function choose(organizations, virtual)
  table.sort(organizations, function(a, b)
    local one, other = math.max(a.pass, virtual), math.max(b.pass, virtual)
    return one < other or (one == other and a.turn < b.turn)
  end)
  for _, one in ipairs(organizations) do
    local ref = not is_full('of ' .. one.name, one.most) and first_of(one)
    if ref then
      return one, ref
    end
  end
end

-- Gives every free slot to a waiting request. Returns their refs.
local function grant()
  if creates then
    forget_creates()
  end
  for _, ref in ipairs(redis.call('ZRANGE', in_pool('leaving'), '-inf', now, 'BYSCORE')) do
    remove_holder(ref)
  end
  local granted, organizations, virtual = {}, nil, virtual_time()
  while #granted < MAX_GRANTS and not is_full('all', limits.all) and create_wait() == 0 do
    organizations = organizations or waiting_organizations()
    local one, ref = choose(organizations, virtual)
    if not one then
      break
    end
    local asked_at, cost, model = remove_waiting(ref)
    add_holder(ref, model, asked_at)
    count_create(ref)
    virtual = math.max(virtual, one.pass)
    one.pass = virtual + cost / one.weight
    one.turn = set_pass(one.name, one.pass)
    redis.call('HSET', in_pool('clock'), 'virtual', string.format('%.6f', virtual))
    granted[#granted + 1] = ref
  end
  return granted
end

-- When time alone lets another request have a slot: in how many ms; -1 when only a release does.
local function next_grant_ms(granted)
  if redis.call('EXISTS', in_pool('waiting')) == 0 then
    return -1
  end
  local waits = { #granted == MAX_GRANTS and 1 or create_wait() }
  local leaving = redis.call('ZRANGE', in_pool('leaving'), 0, 0, 'WITHSCORES')
  waits[2] = leaving[2] and math.max(1, leaving[2] - now) or 0
  local soonest = -1
  for _, wait in ipairs(waits) do
    if wait > 0 and (soonest < 0 or wait < soonest) then
      soonest = wait
    end
  end
  return soonest
end
