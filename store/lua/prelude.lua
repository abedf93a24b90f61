-- Stands before every decision.
-- KEYS[1] prefix of the library's keys, "{library}:"; all keys below share its slot
-- ARGV[1] key of this decision's memory, "" to forget it
-- ARGV[2] seconds to remember; ARGV[3] now in ms; ARGV[4] now as RFC 3339; ARGV[5] who decides; ARGV[6] JSON: IN
-- Returns JSON: {"ok": result} or {"err": code}.
-- Invariant: with a memory, the first answer is given again and nothing changes.
-- Chat ids travel as strings: cjson keeps 14 digits of a number.
local P = KEYS[1]
local MEMORY, NOW, NOW_TEXT, BY = ARGV[1], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local IN = cjson.decode(ARGV[6])

if MEMORY ~= '' then
  local before = redis.call('GET', MEMORY)
  if before then return before end
end

local function answer(a)
  local text = cjson.encode(a)
  if MEMORY ~= '' then redis.call('SET', MEMORY, text, 'EX', ARGV[2]) end
  return text
end
local function ok(result) return answer({ ok = result }) end
local function fail(code) return answer({ err = code }) end

local function nextid(letter)
  local n = redis.call('HINCRBY', P .. 'ids', letter, 1)
  local digits, s = '0123456789abcdefghijklmnopqrstuvwxyz', ''
  repeat
    local r = n % 36
    s = string.sub(digits, r + 1, r + 1) .. s
    n = math.floor(n / 36)
  until n == 0
  return letter .. s
end

local function get(kind, id)
  local text = id and id ~= '' and redis.call('HGET', P .. kind, id)
  return text and cjson.decode(text) or nil
end
local function put(kind, id, value) redis.call('HSET', P .. kind, id, cjson.encode(value)) end

-- owe writes a notice into the outbox, once: kind, reference, member and revision name it.
-- due is in ms, due_text the same as RFC 3339. A notice that has ended before (settled) is not owed again.
local function owe(kind, ref, member, rev, due, due_text)
  local id = kind .. ':' .. ref .. ':' .. member .. ':' .. tostring(rev)
  if redis.call('ZSCORE', P .. 'settled', id) or redis.call('ZSCORE', P .. 'underway', id) then return id end
  put('notices', id, { id = id, kind = kind, member = member, ref = ref, rev = rev, due = due_text })
  redis.call('ZADD', P .. 'outbox', due, id)
  return id
end
-- unowe takes back what is not handed over yet.
local function unowe(id)
  if redis.call('ZREM', P .. 'outbox', id) == 1 then redis.call('HDEL', P .. 'notices', id) end
end
