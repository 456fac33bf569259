-- Replaces the encrypted provider key of a request, if it is still the one that was read.
-- KEYS[1] request
-- ARGV[1] the encrypted key as it was read   ARGV[2] the same key, encrypted with another secret
-- Returns 1, or 0 when the request has no such key any more.
-- Invariant: the last transition of a request erases its key, and nothing brings the key back.
if redis.call('HGET', KEYS[1], 'providerKey') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'providerKey', ARGV[2])
return 1
