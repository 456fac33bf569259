-- Part of accept and transition: checks whether budgets have room, and raises their alerts. ledger.lua describes the
-- arguments.

-- The alert that is due for a budget, nil when none is. Each of the two, for 80 % and for 100 %, is raised once per
-- period, and again when the limit was changed. What is noted: '80', '100' for both, or 'full' when only the one for
-- 100 % was raised, by a call that was too large for a budget that was not used up: the one for 80 % is still to come.
local function find_alert(noted_key, check, limit, spent, is_full)
  local warns = spent >= limit * 0.8
  if not warns and not is_full then
    return nil
  end
  local budget, field = unpack(check)
  local noted = redis.call('HGET', noted_key, budget .. '|' .. field)
  local old_limit, raised = string.match(noted or '', '^(.+)|(.+)$')
  if old_limit ~= limit then
    raised = nil
  end
  local was_full = raised == '100' or raised == 'full'
  local has_warned = raised == '100' or raised == '80'
  local alert = { budget = budget, field = field, limit = limit, spent = spent }
  if (is_full or spent >= tonumber(limit)) and not was_full then
    alert.threshold, alert.note = 100, (warns or has_warned) and '100' or 'full'
  elseif warns and not has_warned then
    alert.threshold, alert.note = 80, was_full and '100' or '80'
  else
    return nil
  end
  return alert
end

-- Checks whether all budgets have room, and which alerts are due. Returns {budget, limit, spent} of the first budget
-- without room, or nil; and the alerts for write_alerts. Call it before the first write: it fails if write_alerts could
-- fail.
local function check_budgets(prefix, args, first)
  local alerts = {}
  if args[first + 2] == '' or redis.call('EXISTS', prefix .. ':budgets') == 0 then
    return nil, alerts
  end
  local budgets, amount = cjson.decode(args[first + 2]), tonumber(args[first + 4])
  local limits = redis.call('HMGET', prefix .. ':budgets', unpack(budgets.ids))
  local counter, noted_key, full = prefix .. ':' .. budgets.key, prefix .. ':' .. budgets.alerts, nil
  for at, id in ipairs(budgets.ids) do
    local limit = limits[at]
    if limit and not full then
      local check = { id, budgets.fields[at] }
      local spent = redis.call('HGET', counter, check[2]) or '0'
      if budgets.freed then
        spent = string.format('%.0f', spent - budgets.freed[at])
      end
      local after = amount and spent + amount
      if args[first + 3] == '1' and (not after or amount > 0 and after > tonumber(limit)) then
        full = { id, limit, spent }
        alerts = { after and find_alert(noted_key, check, limit, tonumber(spent), true) or nil }
      elseif after then
        alerts[#alerts + 1] = find_alert(noted_key, check, limit, after, false)
      end
    end
  end
  if #alerts > 0 then
    need('HSET', noted_key)
    need('EXPIRE', noted_key)
    need('ZADD', prefix .. ':alert-dlv')
    check_event(prefix)
    alerts.event, alerts.noted_key = cjson.decode(args[first + 5]), noted_key
  end
  return full, alerts
end

-- Adds the ids of the new deliveries to created, and returns it.
local function write_alerts(prefix, alerts, created)
  for _, alert in ipairs(alerts) do
    redis.call('HSET', alerts.noted_key, alert.budget .. '|' .. alert.field, alert.limit .. '|' .. alert.note)
    -- 40 days: longer than the longest period.
    redis.call('EXPIRE', alerts.noted_key, 3456000)
    local view = string.format(
      '{"budget":"%s","counted":"%s","limitMicro":%s,"spentMicro":%.0f,"threshold":%d}',
      alert.budget, alert.field, alert.limit, alert.spent, alert.threshold
    )
    write_event(prefix, alerts.event, alerts.event.message, { '', 0, view }, created)
  end
  return created
end
