-- Removes the document of an account, up to a version; the address may have gone to another one, whose document stays.
-- KEYS[1]: the document. ARGV: the account, the version.
-- Answers 0 where a higher version of it stays.
local there = redis.pcall('GET', KEYS[1])
if type(there) ~= 'string' then
    return 1
end
local version, account = string.match(there, '^{"v":%d+,"version":(%d+),"stamp":"[%x-]+","id":"([%x-]+)"')
if account ~= ARGV[1] then
    return 1
end
if tonumber(version) > tonumber(ARGV[2]) then
    return 0
end
redis.call('DEL', KEYS[1])
return 1
