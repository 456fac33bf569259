-- Part of the scripts that make changes by hand (settings, settlements): writes the audit entry in the same script, so
-- that no change is unlogged.

-- Call it before the first write: it fails if write_audit could fail.
local function check_audit(key, entry)
  if entry ~= '' then
    need('XADD', key)
  end
end

-- entry: JSON, or '' for none. The log keeps the newest 100,000 entries, about.
local function write_audit(key, entry)
  if entry ~= '' then
    redis.call('XADD', key, 'MAXLEN', '~', 100000, '*', 'entry', entry)
  end
end
