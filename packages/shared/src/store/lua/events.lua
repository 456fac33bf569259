-- Part of accept and transition: writes a change of a request, and events. An event gets the organization's next
-- sequence number, an entry in the feed, and one delivery for each webhook that is subscribed to it. A change of a
-- request is added to its time line, and may be an event too. All this happens in the script of the transition, so that
-- no event is lost or sent twice.

-- Call it before the first write: it fails if write_event could fail.
local function check_event(prefix)
  need('INCR', prefix .. ':seq')
  need('XADD', prefix .. ':feed')
  need('HSET', prefix .. ':dlv:')
  need('ZADD', prefix .. ':open-dlv')
  need('ZADD', prefix .. ':deliveries')
  need('HGETALL', prefix .. ':subs')
end

-- event: {type, at, due, head, own}; head is the JSON of a delivery without its closing brace; own: whether the
-- request's own webhook_url gets it too. message: the webhook-id. about: {request id, number of the change}, or {'', 0,
-- alert as JSON}. One request may raise several alerts, so their webhook-ids also have the sequence number. Adds the ids
-- of the new deliveries to created.
local function write_event(prefix, event, message, about, created)
  local id, number, alert = unpack(about)
  local sequence = redis.call('INCR', prefix .. ':seq')
  local fields = { 'type', event.type, 'id', id, 'change', number, 'at', event.at }
  if alert then
    message = message .. '_' .. sequence
    fields = { 'type', event.type, 'message', message, 'alert', alert, 'at', event.at }
  end
  redis.call('XADD', prefix .. ':feed', sequence .. '-0', unpack(fields))
  local tail = ',"createdAt":' .. event.at .. ',"change":' .. number .. ',"sequence":' .. sequence
    .. (alert and ',"alert":' .. alert or '') .. '}'
  local index = alert and prefix .. ':alert-dlv' or prefix .. ':dlvs:' .. id
  local function create_delivery(delivery, endpoint)
    local ids = ',"id":"' .. delivery .. '","eventId":"' .. message .. '","endpointId":' .. endpoint
    local doc = event.head .. ids .. tail
    redis.call('HSET', prefix .. ':dlv:' .. delivery, 'rev', 1, 'doc', doc)
    redis.call('ZADD', prefix .. ':open-dlv', event.due, delivery)
    redis.call('ZADD', prefix .. ':deliveries', event.at, delivery)
    if alert then
      redis.call('ZADD', index, event.at, delivery)
    else
      redis.call('RPUSH', index, delivery)
    end
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
  redis.pcall('PUBLISH', prefix .. ':feed-ch', sequence)
end

-- Call it before the first write: it fails if write_change could fail. change: JSON, or '' for none. event: JSON
-- {type, at, due, head, message, numbered, own}, or '' for none. Returns the event, nil for none, and how many changes
-- are in the cold form of the request (freeze.lua).
local function check_change(prefix, id, change, event)
  if change == '' then
    return nil
  end
  need('RPUSH', prefix .. ':tl:' .. id)
  local folded = redis.call('HGET', prefix .. ':req:' .. id, 'folded')
  if event == '' then
    return nil, folded
  end
  check_event(prefix)
  return cjson.decode(event), folded
end

-- The last write of its script. Publishing comes after it and may fail: a message only wakes waiting callers earlier.
-- Returns the ids of the created deliveries.
local function write_change(prefix, id, change, event, folded)
  if change == '' then
    return {}
  end
  local number = redis.call('RPUSH', prefix .. ':tl:' .. id, change) + (folded or 0)
  local created = {}
  if event then
    local message = event.message .. (event.numbered and '_' .. number or '')
    write_event(prefix, event, message, { id, number }, created)
  end
  redis.pcall('PUBLISH', prefix .. ':ch:' .. id, number)
  return created
end
