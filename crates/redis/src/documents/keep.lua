-- Keeps a document under its address, unless a newer one of the same account is there.
-- KEYS[1]: the document. ARGV: its version, its account, the document itself, seconds to live.
-- Answers 1 where it was kept.
local there = redis.pcall('GET', KEYS[1])
-- An error is that it is no string: somebody else's, which gives way.
if type(there) == 'string' then
    local version, account = string.match(there, '^{"v":%d+,"version":(%d+),"stamp":"[%x-]+","id":"([%x-]+)"')
    if account == ARGV[2] and tonumber(version) > tonumber(ARGV[1]) then
        return 0
    end
end
redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4])
return 1
