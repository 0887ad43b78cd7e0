"""What is decided within Redis about kept answers: which may be written over which, and which may be taken as fresh.

An entry is "version observed teller reading". A "!" behind the version says that it is to be taken as fresh no more.
What another teller said counts as nothing: it is written over whatever its version, for two systems of a shop do not
number their answers alike, and neither does one that is entered anew. A mark
beside an entry names the latest change that was told of its key; whoever reads the source looks at the mark first.

A change outlives the reads that it crosses. Expiring an entry is not enough: a read that began before a webhook may
end after it, and would lie there as fresh for a minute. So each change leaves a mark beside its key
(`cache_scripts.py`), whoever reads the source looks at the mark first, and the script that keeps the answer
compares: another mark, and the answer is kept as the last one known, fresh no more. Marks and not times: no two
clocks have to agree. A mark lives longer than an answer of its kind is fresh, so a read that outlasts it has run
out by its own date. Of the store in this process only what is kept fresh has marks; the rest is asked each time.
"""

# Keys: the entries, then their marks. Then for how long they are kept and who tells; of each entry: its version, when
# it was observed, the mark under which its reading began, and the reading. "unknown" is a mark that nothing ever bears.
WRITE = """
local behind, crossed, count = {}, {}, #KEYS / 2
for place = 1, count do
  local stored = redis.call('GET', KEYS[place])
  local version, observed = ARGV[4 * place - 1], ARGV[4 * place]
  local late = (redis.call('GET', KEYS[count + place]) or '') ~= ARGV[4 * place + 1]
  local older = false
  local known, over, seen, teller = string.match(stored or '', '^(%d+)(!?) (%S+) (%S+) ')
  if teller == ARGV[2] then
    local backwards = tonumber(known) > tonumber(version)
    if backwards then table.insert(behind, place) end
    local before = tonumber(known) == tonumber(version) and tonumber(seen) > tonumber(observed)
    older = backwards or (before and (over == '' or late))
  end
  if late then table.insert(crossed, place) end
  if not older then
    local entry = version .. (late and '!' or '') .. ' ' .. observed .. ' ' .. ARGV[2] .. ' ' .. ARGV[4 * place + 2]
    redis.call('SET', KEYS[place], entry, 'EX', ARGV[1])
  end
end
return {behind, crossed}
"""
# Keys: the entries, then their marks.
EXPIRE = """
local count = #KEYS / 2
for place = 1, count do
  redis.call('SET', KEYS[count + place], ARGV[1], 'EX', ARGV[2])
  local stored = redis.call('GET', KEYS[place])
  if stored and string.match(stored, '^%d+ ') then
    redis.call('SET', KEYS[place], (string.gsub(stored, ' ', '! ', 1)), 'KEEPTTL')
  end
end
return 0
"""
