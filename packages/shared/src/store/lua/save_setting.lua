-- Saves or removes one setting of an organization, if no other process has changed it since it was read.
-- KEYS[1] settings of one kind (hash)   KEYS[2] audit log
-- ARGV[1] field   ARGV[2] value as it was read, '' for a new one   ARGV[3] new value, '' to remove it
-- ARGV[4] maximum number of settings of this kind   ARGV[5] audit entry or ''
-- Returns 1; 0 when it was changed meanwhile; -1 when there are too many.
-- Invariant: a setting and its audit entry are written together.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[2] == '' and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then
  return -1
end
need('HSET', KEYS[1])
need('HDEL', KEYS[1])
check_audit(KEYS[2], ARGV[5])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
write_audit(KEYS[2], ARGV[5])
return 1
