-- Part of accept and transition: writes a change of a request. The change is added to the time line. If it is an event
-- too, it gets the organization's next sequence number, an entry in the feed, and one delivery for each webhook that
-- is subscribed to it. All this happens in the script of the transition, so that no event is lost or sent twice.

-- Call it before the first write: it fails if write_change could fail. change: JSON, or '' for none. event: JSON
-- {type, at, due, message, numbered, own, head}, or '' for none; head is the JSON of a delivery without its closing
-- brace. Returns the event for write_change, nil for none.
local function check_change(prefix, id, change, event)
  if change == '' then
    return nil
  end
  need('RPUSH', prefix .. ':tl:' .. id)
  if event == '' then
    return nil
  end
  need('INCR', prefix .. ':seq')
  need('XADD', prefix .. ':feed')
  need('HSET', prefix .. ':dlv:' .. id)
  need('ZADD', prefix .. ':open-dlv')
  need('HGETALL', prefix .. ':subs')
  return cjson.decode(event)
end

-- The last write of its script. Publishing comes after it and may fail: a message only wakes waiting callers earlier.
-- Returns the ids of the created deliveries.
local function write_change(prefix, id, change, event)
  if change == '' then
    return {}
  end
  local number = redis.call('RPUSH', prefix .. ':tl:' .. id, change)
  if not event then
    redis.pcall('PUBLISH', prefix .. ':ch:' .. id, number)
    return {}
  end
  local sequence = redis.call('INCR', prefix .. ':seq')
  local fields = { 'type', event.type, 'id', id, 'change', number, 'at', event.at }
  redis.call('XADD', prefix .. ':feed', sequence .. '-0', unpack(fields))
  local message = event.message
  if event.numbered then
    message = message .. '_' .. number
  end
  local created = {}
  local function create_delivery(delivery, endpoint)
    local doc = event.head .. ',"id":"' .. delivery .. '","eventId":"' .. message .. '","endpointId":' .. endpoint
      .. ',"change":' .. number .. ',"sequence":' .. sequence .. '}'
    redis.call('HSET', prefix .. ':dlv:' .. delivery, 'rev', 1, 'doc', doc)
    redis.call('ZADD', prefix .. ':open-dlv', event.due, delivery)
    redis.call('RPUSH', prefix .. ':dlvs:' .. id, delivery)
    created[#created + 1] = delivery
  end
  if event.own then
    create_delivery(message, 'null')
  end
  local subscriptions = redis.call('HGETALL', prefix .. ':subs')
  for at = 1, #subscriptions, 2 do
    if string.find(',' .. subscriptions[at + 1] .. ',', ',' .. event.type .. ',', 1, true) then
      create_delivery(message .. '-' .. subscriptions[at], '"' .. subscriptions[at] .. '"')
    end
  end
  redis.pcall('PUBLISH', prefix .. ':ch:' .. id, number)
  redis.pcall('PUBLISH', prefix .. ':feed-ch', sequence)
  return created
end
