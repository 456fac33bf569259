-- Part of the scripts that change what a request holds or has settled: writes the entry of the ledger, and raises the
-- counters that are counted from it (money/ledger.ts). All happens in the script of the transition, so that the entries
-- always add up to the records.

-- Call it before the first write: it fails if write_entry could fail. entry: JSON {fields of the stream entry …,
-- counts = {{key, field, by} …}}, or '' for none. Returns the entry for write_entry, nil for none.
local function check_entry(prefix, text)
  if text == '' then
    return nil
  end
  local entry = cjson.decode(text)
  need('XADD', prefix .. ':ledger')
  local last = nil
  for _, count in ipairs(entry.counts) do
    if count[1] ~= last then
      last = count[1]
      need('HINCRBY', prefix .. ':' .. last)
    end
  end
  return entry
end

local function write_entry(prefix, entry)
  if not entry then
    return
  end
  redis.call('XADD', prefix .. ':ledger', '*', unpack(entry.fields))
  for _, count in ipairs(entry.counts) do
    redis.call('HINCRBY', prefix .. ':' .. count[1], count[2], count[3])
  end
end

-- How much of a budget is used, in the steps that raise an alert.
local function alert_step(limit, spent)
  if spent >= limit then
    return 100
  end
  return spent >= limit * 0.8 and 80 or 0
end

-- An alert for a budget of which so much is used, nil when none is due. Each step raises one alert per period, and
-- again when the limit was changed; a higher step includes the lower ones.
local function find_alert(prefix, check, limit, spent, step)
  if step == 0 then
    return nil
  end
  local budget, counter, field = unpack(check)
  local raised = redis.call('HGET', prefix .. ':' .. counter .. ':alerts', budget .. '|' .. field)
  if raised then
    local old_limit, old_step = string.match(raised, '^(.+)|(.+)$')
    if old_limit == limit and tonumber(old_step) >= step then
      return nil
    end
  end
  return { budget = budget, counter = counter, field = field, limit = limit, spent = spent, step = step }
end

-- Looks whether all budgets have room for the amount (micro-USD), and which alerts it raises. text: JSON {checks =
-- {{budget, key of its counter, field} …}, enforced, alert = the event of an alert}, '' for none. amount: '' when it is
-- not known. Returns nil, or {budget, limit, spent} of the first one without room; and the alerts for write_alerts.
-- Call it before the first write: it fails if write_alerts could fail.
local function check_budgets(prefix, text, amount)
  local alerts = {}
  if text == '' or redis.call('EXISTS', prefix .. ':budgets') == 0 then
    return nil, alerts
  end
  local budgets = cjson.decode(text)
  local ids = {}
  for at, check in ipairs(budgets.checks) do
    ids[at] = check[1]
  end
  local limits = redis.call('HMGET', prefix .. ':budgets', unpack(ids))
  local full = nil
  for at, check in ipairs(budgets.checks) do
    local limit = limits[at]
    if limit and not full then
      local spent = redis.call('HGET', prefix .. ':' .. check[2], check[3]) or '0'
      local after = amount ~= '' and tonumber(spent) + tonumber(amount)
      if budgets.enforced and (not after or after > tonumber(limit)) then
        full = { check[1], limit, spent }
        alerts = { after and find_alert(prefix, check, limit, tonumber(spent), 100) or nil }
      elseif after then
        alerts[#alerts + 1] = find_alert(prefix, check, limit, after, alert_step(tonumber(limit), after))
      end
    end
  end
  if #alerts > 0 then
    need('HSET', prefix .. ':' .. alerts[1].counter .. ':alerts')
    need('EXPIRE', prefix .. ':' .. alerts[1].counter .. ':alerts')
    need('ZADD', prefix .. ':alert-dlv')
    check_event(prefix)
    alerts.event = budgets.alert
  end
  return full, alerts
end

-- Returns created with the ids of the new deliveries.
local function write_alerts(prefix, alerts, created)
  for at, alert in ipairs(alerts) do
    local noted = prefix .. ':' .. alert.counter .. ':alerts'
    redis.call('HSET', noted, alert.budget .. '|' .. alert.field, alert.limit .. '|' .. alert.step)
    -- Longer than the longest month.
    redis.call('EXPIRE', noted, 3456000)
    local view = string.format(
      '{"budget":"%s","counted":"%s","limitMicro":%s,"spentMicro":%.0f,"threshold":%d}',
      alert.budget, alert.field, alert.limit, alert.spent, alert.step
    )
    local message = alerts.event.message .. '_' .. at
    write_event(prefix, alerts.event, message, { '', 0, view }, created)
  end
  return created
end
