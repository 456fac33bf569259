-- Saves or removes a webhook endpoint, if no other process has changed it since it was read.
-- KEYS[1] endpoints   KEYS[2] subscriptions
-- ARGV[1] endpoint id   ARGV[2] record as it was read, '' for a new one   ARGV[3] new record, '' to remove it
-- ARGV[4] its event types, separated by commas, '' when it gets no events   ARGV[5] maximum number of endpoints
-- Returns 1; 0 when it was changed meanwhile or no longer exists; -1 when there are too many.
-- Invariant: only an existing, enabled endpoint has a subscription.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then
  return 0
end
if ARGV[2] == '' and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then
  return -1
end
need('HSET', KEYS[1])
need('HDEL', KEYS[1])
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
end
return 1
