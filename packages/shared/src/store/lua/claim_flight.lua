-- Called by the followers of a failed leader: the first becomes the leader, the others follow it.
-- KEYS[1] flight   KEYS[2] open index
-- ARGV[1] follower   ARGV[2] its failed leader   ARGV[3] prefix of the organization's keys
-- Returns the id of the new leader, or '' when the follower has ended meanwhile.
-- Invariant: there is one leader, and a follower is on its list before the leader can end.
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
