-- Comes before accept and transition: what a change of a request tells the organization. The change joins the time
-- line, and where it is an event it gets the organization's next sequence number, its place in the feed, and one
-- delivery for each webhook that wants it; all in the script of the transition, so that none is lost or told twice.

-- change: JSON, or '' for none. event: JSON {type, at, due, message, numbered, own, head}, or '' for none; head is the
-- open JSON of a delivery. Returns the ids of the deliveries that were born.
local function tell(prefix, id, change, event)
  if change == '' then
    return {}
  end
  local number = redis.call('RPUSH', prefix .. ':tl:' .. id, change)
  redis.call('PUBLISH', prefix .. ':ch:' .. id, number)
  if event == '' then
    return {}
  end
  event = cjson.decode(event)
  local sequence = redis.call('INCR', prefix .. ':seq')
  redis.call('XADD', prefix .. ':feed', sequence .. '-0', 'type', event.type, 'id', id, 'change', number, 'at', event.at)
  redis.call('PUBLISH', prefix .. ':feed-ch', sequence)
  local message = event.message
  if event.numbered then
    message = message .. '_' .. number
  end
  local born = {}
  local function bear(delivery, endpoint)
    local doc = event.head .. ',"id":"' .. delivery .. '","eventId":"' .. message .. '","endpointId":' .. endpoint
      .. ',"change":' .. number .. ',"sequence":' .. sequence .. '}'
    redis.call('HSET', prefix .. ':dlv:' .. delivery, 'rev', 1, 'doc', doc)
    redis.call('ZADD', prefix .. ':open-dlv', event.due, delivery)
    redis.call('RPUSH', prefix .. ':dlvs:' .. id, delivery)
    born[#born + 1] = delivery
  end
  if event.own then
    bear(message, 'null')
  end
  local subscriptions = redis.call('HGETALL', prefix .. ':subs')
  for at = 1, #subscriptions, 2 do
    if string.find(',' .. subscriptions[at + 1] .. ',', ',' .. event.type .. ',', 1, true) then
      bear(message .. '-' .. subscriptions[at], '"' .. subscriptions[at] .. '"')
    end
  end
  return born
end
