"""The shared breaker's scripts. One hash a breaker: `state`, `epoch`, `until`, `cooldown`, `lease`, `lease_until`,
and for each tenth of the window `c<n>` calls and `f<n>` failures. An epoch ends with each change of state, so that
an outcome which comes late, from before the change, is not counted. Times are of Redis: clocks of processes differ.

A Lua breaker of our own. Of eight libraries that were measured none lets exactly one probe through while fifty
wait, shares its state, works with asyncio and leaves cancellation out. The script decides by the clock of Redis
(`breaker_scripts.py`); an epoch ends with each change of state, so that an outcome from before does not count; a
probe holds a lease, so that one that dies is replaced.
"""

_CLOCK = """
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
"""
_WEIGH = """
local function weigh(key, now, window)
  local width = math.max(1, math.floor(window / 10))
  local place = math.floor(now / width)
  local kept = redis.call('HGETALL', key)
  local calls, failures = 0, 0
  for at = 1, #kept, 2 do
    local kind, number = string.match(kept[at], '^([cf])(%d+)$')
    if kind then
      if tonumber(number) <= place - 10 then redis.call('HDEL', key, kept[at])
      elseif kind == 'c' then calls = calls + tonumber(kept[at + 1])
      else failures = failures + tonumber(kept[at + 1]) end
    end
  end
  return calls, failures, place
end
"""
ADMIT = f"""
{_CLOCK}
local now = clock()
local seen = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'until', 'lease', 'lease_until')
local state, epoch = seen[1] or 'closed', tonumber(seen[2] or 0)
if state == 'closed' then return {{1, epoch, 0}} end
if state == 'open' then
  if now < tonumber(seen[3]) then return {{0, tonumber(seen[3]) - now, 0}} end
elseif seen[4] ~= '' and now < tonumber(seen[5]) then return {{0, tonumber(seen[5]) - now, 2}} end
redis.call('HSET', KEYS[1], 'state', 'half_open', 'lease', ARGV[1], 'lease_until', now + tonumber(ARGV[2]))
return {{1, epoch, state == 'open' and 1 or 2}}
"""
"""Answers whether a call may go, its epoch or the milliseconds to wait, and how the breaker stands: 1 half open by
this first probe, 2 half open since before, 0 closed where the call may go and open where not.
"""
RECORD = f"""
{_CLOCK}
{_WEIGH}
local key, token, epoch, outcome = KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3]
local window, least, ratio = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local now = clock()
local seen = redis.call('HMGET', key, 'state', 'epoch', 'lease', 'cooldown')
local state = seen[1] or 'closed'
if tonumber(seen[2] or 0) ~= epoch then return {{0, 0, 0}} end
local function turn(to, cooldown)
  redis.call('DEL', key)
  redis.call('HSET', key, 'state', to, 'epoch', epoch + 1, 'until', now + cooldown, 'cooldown', cooldown,
    'lease', '', 'lease_until', 0)
  redis.call('PEXPIRE', key, 86400000)
end
if state == 'half_open' then
  if seen[3] ~= token then return {{0, 0, 0}} end
  if outcome == 'nothing' then redis.call('HSET', key, 'lease', '') return {{0, 0, 0}} end
  if outcome == 'ok' then turn('closed', 0) return {{2, 1, 0}} end
  turn('open', math.min(2 * tonumber(seen[4]), tonumber(ARGV[8])))
  return {{1, 1, 1}}
end
if outcome == 'nothing' then return {{0, 0, 0}} end
local calls, failures, place = weigh(key, now, window)
redis.call('HINCRBY', key, 'c' .. place, 1)
calls = calls + 1
if outcome == 'failed' then
  redis.call('HINCRBY', key, 'f' .. place, 1)
  failures = failures + 1
end
redis.call('PEXPIRE', key, 86400000)
if outcome == 'failed' and calls >= least and failures >= ratio * calls then
  turn('open', tonumber(ARGV[7]))
  return {{1, calls, failures}}
end
return {{0, calls, failures}}
"""
"""Counts an outcome; answers 1 when that opened the breaker, 2 when it closed it, with calls and failures."""
LOOK = f"""
{_CLOCK}
{_WEIGH}
local now = clock()
local seen = redis.call('HMGET', KEYS[1], 'state', 'until')
local calls, failures = weigh(KEYS[1], now, tonumber(ARGV[1]))
return {{seen[1] or 'closed', calls, failures, math.max(0, tonumber(seen[2] or 0) - now)}}
"""
