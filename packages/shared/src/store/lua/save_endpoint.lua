-- Saves or removes a webhook endpoint, if no other process has changed it since it was read.
-- KEYS[1] endpoints   KEYS[2] subscriptions   KEYS[3] missed events   KEYS[4] newest sequence number of the feed
-- KEYS[5] audit log
-- ARGV[1] endpoint id   ARGV[2] record as it was read, '' for a new one   ARGV[3] new record, '' to remove it
-- ARGV[4] its event types, separated by commas, '' when it gets no events   ARGV[5] maximum number of endpoints
-- ARGV[6] audit entry or ''
-- Returns 1; 0 when it was changed meanwhile or no longer exists; -1 when there are too many.
-- Invariant: only an existing, enabled endpoint has a subscription. An endpoint that is disabled, or has not got all
-- events since, has an entry in the missed events: '<after>' while it is disabled, '<after>:<last>:stopped' once it is
-- enabled. Every event with a number above <after> and up to <last> had no subscription or has its delivery.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[2] == '' and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then
  return -1
end
local missed = redis.call('HGET', KEYS[3], ARGV[1])
local newest = redis.call('GET', KEYS[4]) or '0'
need('HSET', KEYS[1])
need('HDEL', KEYS[1])
need('HSET', KEYS[3])
check_audit(KEYS[5], ARGV[6])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[2], ARGV[1])
  if ARGV[3] ~= '' then
    redis.call('HSET', KEYS[3], ARGV[1], string.match(missed or newest, '^%d+'))
  end
else
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
  if missed and not string.find(missed, ':', 1, true) then
    redis.call('HSET', KEYS[3], ARGV[1], missed .. ':' .. newest .. ':stopped')
  end
end
write_audit(KEYS[5], ARGV[6])
return 1
