-- Part of the scripts that change what a request holds or has settled: writes the entry of the ledger, and raises the
-- counters that are counted from it (money/ledger.ts). All happens in the script of the transition, so that the entries
-- always add up to the records. These scripts have the same last arguments, from ARGV[first]:
-- entry of the ledger or ''   budgets to look at (JSON {ids, fields, key}: the counter of what was spent, and the field
-- of each budget in it) or ''   '1' when they must have room   the amount that they must have room for (micro-USD), ''
-- when it is not known   event of an alert (JSON)   then key, field and amount of each counter to be raised

-- Call it before the first write: it fails if write_entry could fail.
local function check_entry(prefix, first)
  if ARGV[first] == '' then
    return
  end
  need('XADD', prefix .. ':ledger')
  local last = nil
  for at = first + 5, #ARGV, 3 do
    if ARGV[at] ~= last then
      last = ARGV[at]
      need('HINCRBY', prefix .. ':' .. last)
    end
  end
end

local function write_entry(prefix, first)
  if ARGV[first] == '' then
    return
  end
  redis.call('XADD', prefix .. ':ledger', '*', 'entry', ARGV[first])
  for at = first + 5, #ARGV, 3 do
    redis.call('HINCRBY', prefix .. ':' .. ARGV[at], ARGV[at + 1], ARGV[at + 2])
  end
end
