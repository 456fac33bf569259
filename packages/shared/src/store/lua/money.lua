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

-- Whether all budgets have room for the amount (micro-USD). checks: JSON {{budget, key, field of its counter} …}, ''
-- for none. Returns nil, or {budget, limit, spent} of the first one that has not.
local function find_full_budget(prefix, checks, amount)
  if checks == '' or redis.call('EXISTS', prefix .. ':budgets') == 0 then
    return nil
  end
  for _, check in ipairs(cjson.decode(checks)) do
    local limit = redis.call('HGET', prefix .. ':budgets', check[1])
    if limit then
      local spent = redis.call('HGET', prefix .. ':' .. check[2], check[3]) or '0'
      if amount == '' or tonumber(spent) + tonumber(amount) > tonumber(limit) then
        return { check[1], limit, spent }
      end
    end
  end
  return nil
end
