-- Part of the scripts that change what a request holds or has settled: writes the entry of the ledger, and raises the
-- counters that are counted from it (money/ledger.ts). All this happens in the script of the transition, so that the
-- entries always add up to the records. These scripts have the same last arguments, here args:
-- args[first] entry of the ledger, or ''   args[first + 1] its counters (JSON {{key, field, by, field, by …} …})
-- args[first + 2] budgets to check, or '' (JSON {ids, key, fields, alerts}: key is the counter of what was spent, fields
-- has the field of each budget in it, alerts is the key of the alerts that were raised; freed, if there, is what the
-- script frees of each before)
-- args[first + 3] '1' when they must have room, '0' when they only raise alerts
-- args[first + 4] the amount (micro-USD), '' when it is not known   args[first + 5] event of an alert (JSON)

-- Raises several fields by one write, which is cheaper than a write for each.
local function raise(key, counter)
  local fields, values = {}, {}
  for at = 2, #counter, 2 do
    fields[at / 2] = counter[at]
  end
  local counted = redis.call('HMGET', key, unpack(fields))
  for at = 2, #counter, 2 do
    values[at - 1] = counter[at]
    values[at] = string.format('%.0f', (counted[at / 2] or 0) + counter[at + 1])
  end
  redis.call('HSET', key, unpack(values))
end

-- By their text: counters whose rights were checked. Several requests of one call often have the same.
local checked = {}

-- Call it before the first write: it fails if write_entry could fail. Returns the counters for write_entry.
local function check_entry(prefix, args, first)
  if args[first] == '' then
    return nil
  end
  local text = args[first + 1]
  if checked[text] then
    return checked[text]
  end
  local counters = cjson.decode(text)
  need('XADD', prefix .. ':ledger')
  for _, counter in ipairs(counters) do
    local key = prefix .. ':' .. counter[1]
    if #counter == 3 then
      need('HINCRBY', key)
    end
    need('HMGET', key)
    need('HSET', key)
  end
  checked[text] = counters
  return counters
end

local function raise_counter(prefix, counter)
  local key = prefix .. ':' .. counter[1]
  if #counter == 3 then
    redis.call('HINCRBY', key, counter[2], counter[3])
  else
    raise(key, counter)
  end
end

-- sums: nil, or where the counters are added up until raise_sums writes them.
local function write_entry(prefix, args, first, counters, sums)
  if not counters then
    return
  end
  redis.call('XADD', prefix .. ':ledger', '*', 'entry', args[first])
  if sums then
    sums[counters] = (sums[counters] or 0) + 1
    return
  end
  for _, counter in ipairs(counters) do
    raise_counter(prefix, counter)
  end
end

-- Writes what several entries add to their counters.
local function raise_sums(prefix, sums)
  for counters, times in pairs(sums) do
    for _, counter in ipairs(counters) do
      for at = 3, #counter, 2 do
        counter[at] = counter[at] * times
      end
      raise_counter(prefix, counter)
    end
  end
end
