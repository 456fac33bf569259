-- Part of accept and transition: checks whether budgets have room, and raises their alerts. ledger.lua describes the
-- arguments.

-- The threshold in percent that a budget has reached, 0 when it has reached none.
local function threshold_of(limit, spent)
  if spent >= limit then
    return 100
  end
  return spent >= limit * 0.8 and 80 or 0
end

-- The alert of a budget that has reached a threshold, nil when none is due. Each threshold raises one alert per period,
-- and again when the limit was changed. After the alert of a higher threshold, a lower one raises none.
local function find_alert(prefix, check, limit, spent, threshold)
  if threshold == 0 then
    return nil
  end
  local budget, counter, field = unpack(check)
  local raised = redis.call('HGET', prefix .. ':' .. counter .. ':alerts', budget .. '|' .. field)
  if raised then
    local old_limit, old_threshold = string.match(raised, '^(.+)|(.+)$')
    if old_limit == limit and tonumber(old_threshold) >= threshold then
      return nil
    end
  end
  return { budget = budget, counter = counter, field = field, limit = limit, spent = spent, threshold = threshold }
end

-- Checks whether all budgets have room, and which alerts are due. Returns {budget, limit, spent} of the first budget
-- without room, or nil; and the alerts for write_alerts. Call it before the first write: it fails if write_alerts could
-- fail.
local function check_budgets(prefix, first)
  local alerts = {}
  if ARGV[first + 2] == '' or redis.call('EXISTS', prefix .. ':budgets') == 0 then
    return nil, alerts
  end
  local budgets, amount = cjson.decode(ARGV[first + 2]), tonumber(ARGV[first + 4])
  local limits = redis.call('HMGET', prefix .. ':budgets', unpack(budgets.ids))
  local counter, full = budgets.key, nil
  for at, id in ipairs(budgets.ids) do
    local limit = limits[at]
    if limit and not full then
      local check = { id, counter, budgets.fields[at] }
      local spent = redis.call('HGET', prefix .. ':' .. counter, check[3]) or '0'
      local after = amount and spent + amount
      if ARGV[first + 3] == '1' and (not after or after > tonumber(limit)) then
        full = { id, limit, spent }
        alerts = { after and find_alert(prefix, check, limit, tonumber(spent), 100) or nil }
      elseif after then
        alerts[#alerts + 1] = find_alert(prefix, check, limit, after, threshold_of(tonumber(limit), after))
      end
    end
  end
  if #alerts > 0 then
    need('HSET', prefix .. ':' .. counter .. ':alerts')
    need('EXPIRE', prefix .. ':' .. counter .. ':alerts')
    need('ZADD', prefix .. ':alert-dlv')
    check_event(prefix)
    alerts.event = cjson.decode(ARGV[first + 5])
  end
  return full, alerts
end

-- Adds the ids of the new deliveries to created, and returns it.
local function write_alerts(prefix, alerts, created)
  for at, alert in ipairs(alerts) do
    local noted = prefix .. ':' .. alert.counter .. ':alerts'
    redis.call('HSET', noted, alert.budget .. '|' .. alert.field, alert.limit .. '|' .. alert.threshold)
    -- 40 days: longer than the longest period.
    redis.call('EXPIRE', noted, 3456000)
    local view = string.format(
      '{"budget":"%s","counted":"%s","limitMicro":%s,"spentMicro":%.0f,"threshold":%d}',
      alert.budget, alert.field, alert.limit, alert.spent, alert.threshold
    )
    local message = alerts.event.message .. '_' .. at
    write_event(prefix, alerts.event, message, { '', 0, view }, created)
  end
  return created
end
