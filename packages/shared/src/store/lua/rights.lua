-- Part of the scripts that write more than once. Redis does not undo what a script wrote before it failed, and checks
-- the rights of the user (ACL) for each command when it runs. So a script asks for the rights of its later commands
-- before its first write. If the first write itself is refused (no right, memory full, read-only), nothing was written;
-- memory and role cannot change while a script runs. A Redis older than 7 cannot be asked: there, only the check at the
-- start of a process helps (connection/rights.ts).
local can = redis.acl_check_cmd
local function need(command, key)
  if can and not can(command, key) then
    error({ err = 'NOPERM this user may not run ' .. command .. ' on ' .. key })
  end
end
