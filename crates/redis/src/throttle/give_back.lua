-- Gives back what take.lua took. KEYS and ARGV are the same.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for i, key in ipairs(KEYS) do
    local interval, tolerance = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local state = tonumber(redis.call('GET', key) or now) or now
    state = math.min(state, now + tolerance) - interval
    if state > now then
        redis.call('SET', key, string.format('%.0f', state), 'PX', math.ceil((state - now) / 1000))
    else
        redis.call('DEL', key)
    end
end
return 0
