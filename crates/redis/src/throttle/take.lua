-- The generic cell rate algorithm under several rates at once: takes a place under each, or under none.
-- KEYS: a state a rate, all in one slot. ARGV: for each rate its interval and its tolerance, in microseconds.
-- Answers 0, or how many microseconds it is until there is a place.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local states = {}
local wait = 0
for i, key in ipairs(KEYS) do
    local interval, tolerance = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local state = tonumber(redis.call('GET', key) or now) or now
    -- A state of another rate, or of a clock that has been put back.
    state = math.min(math.max(state, now), now + tolerance)
    states[i] = state + interval
    wait = math.max(wait, states[i] - tolerance - now)
end
if wait > 0 then
    return wait
end
for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', states[i]), 'PX', math.ceil((states[i] - now) / 1000))
end
return 0
