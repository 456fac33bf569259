-- Part of the scripts that change what a request holds or has settled: writes the entry of the ledger, and raises the
-- counters that are counted from it (money/ledger.ts). All this happens in the script of the transition, so that the
-- entries always add up to the records. These scripts have the same last arguments:
-- ARGV[first] entry of the ledger, or ''   ARGV[first + 1] its counters (JSON {{key, field, by, field, by …} …})
-- ARGV[first + 2] budgets to check, or '' (JSON {ids, key, fields, alerts}: key is the counter of what was spent, fields
-- has the field of each budget in it, alerts is the key of the alerts that were raised)
-- ARGV[first + 3] '1' when they must have room, '0' when they only raise alerts
-- ARGV[first + 4] the amount (micro-USD), '' when it is not known   ARGV[first + 5] event of an alert (JSON)

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

-- Call it before the first write: it fails if write_entry could fail. Returns the counters for write_entry.
local function check_entry(prefix, first)
  if ARGV[first] == '' then
    return nil
  end
  local counters = cjson.decode(ARGV[first + 1])
  need('XADD', prefix .. ':ledger')
  for _, counter in ipairs(counters) do
    local key = prefix .. ':' .. counter[1]
    if #counter == 3 then
      need('HINCRBY', key)
    else
      need('HMGET', key)
      need('HSET', key)
    end
  end
  return counters
end

local function write_entry(prefix, first, counters)
  if not counters then
    return
  end
  redis.call('XADD', prefix .. ':ledger', '*', 'entry', ARGV[first])
  for _, counter in ipairs(counters) do
    local key = prefix .. ':' .. counter[1]
    if #counter == 3 then
      redis.call('HINCRBY', key, counter[2], counter[3])
    else
      raise(key, counter)
    end
  end
end
