-- The leader came to nothing: one of its followers leads from now on, the others follow that one.
-- KEYS[1] flight   KEYS[2] open index
-- ARGV[1] follower   ARGV[2] the leader it had   ARGV[3] prefix of the organization's keys
-- Returns the id of who leads now, '' when the follower has ended meanwhile.
-- Keeps: one leads; who follows is known to its leader before anybody can miss the leader's end.
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  return ''
end
local leader = redis.call('GET', KEYS[1])
if not leader or leader == ARGV[2] or leader == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', 259200)
  return ARGV[1]
end
redis.call('SADD', ARGV[3] .. ':followers:' .. leader, ARGV[1])
return leader
