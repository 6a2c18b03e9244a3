-- Sends what a plan says (scripts/bench/plan.py writes it; BENCH_PLAN names the file): one client for all workloads and
-- all services.
--
--   cycle   every thread sends the requests one after another, again and again, each thread from another place on
--   once    each request is sent by one thread and once; a thread that has none left stops
--   steps   a thread has one connection, and goes to the next request when it has the answer to the last
--
-- `{name}` stands for a value that the thread has, which may come from the answer before; `{number}` for one that no other
-- request has. Only plans that need answers ask wrk for them: that costs the client, not the service, but the two share
-- a machine.

local ffi = require("ffi")
ffi.cdef("typedef struct { long seconds, microseconds; } instant; int gettimeofday(instant *, void *);")

-- Of the main state: every thread, in the order in which they were made.
local threads = {}

function setup(thread)
   thread:set("place", #threads)
   table.insert(threads, thread)
end

local function now()
   local instant = ffi.new("instant")
   ffi.C.gettimeofday(instant, nil)
   return tonumber(instant.seconds) + tonumber(instant.microseconds) / 1e6
end

-- The parts of a text between tabs, or another sign.
local function parts(text, sign)
   local found = {}
   for part in (text .. sign):gmatch("([^" .. sign .. "]*)" .. sign) do
      table.insert(found, part)
   end
   return found
end

local function headers_of(text)
   local found = {}
   if text ~= "" then
      for _, line in ipairs(parts(text, "\31")) do
         local name, value = line:match("^([^:]+): (.*)$")
         found[name] = value
      end
   end
   return found
end

local values, number = {}, 0

-- The text with the values of this thread in it.
local function filled(text)
   return (text:gsub("{(%w+)}", function(name)
      if name == "number" then
         return string.format("%d-%d", place, number)
      end
      return values[name]
   end))
end

-- The request as it is sent, or what makes it anew each time.
local function prepared(line)
   local method, path, headers, body = line[2], line[3], line[4], line[5]
   local function whole()
      local text = body ~= "" and filled(body) or nil
      return wrk.format(method, filled(path), headers_of(filled(headers)), text)
   end
   if (path .. headers .. body):find("{%w+}") then
      return whole
   end
   local text = whole()
   return function() return text end
end

local function read(threads_in_all)
   local plan = { requests = {}, captures = {}, order = nil }
   local count = 0
   for text in io.lines(os.getenv("BENCH_PLAN")) do
      local line = parts(text, "\t")
      if line[1] == "order" then
         plan.order = line[2]
      elseif line[1] == "capture" then
         plan.captures[line[2]] = line[3]
      elseif line[1] == "value" then
         if tonumber(line[2]) == place then values[line[3]] = line[4] end
      elseif line[1] == "request" then
         -- Those that are sent once belong to one thread each.
         if plan.order ~= "once" or count % threads_in_all == place then
            table.insert(plan.requests, prepared(line))
         end
         count = count + 1
      end
   end
   return plan
end

local function cycle(plan, threads_in_all)
   local all, next_one = plan.requests, math.floor(#plan.requests * place / threads_in_all)
   request = function()
      next_one, number = next_one % #all + 1, number + 1
      return all[next_one]()
   end
end

local function once(plan)
   local all, sent, answered = plan.requests, 0, 0
   request = function()
      first = first or now()
      sent = math.min(sent + 1, #all)
      -- Connections that are served in this same turn repeat the last one; the answers are not read any more.
      if sent == #all then wrk.thread:stop() end
      return all[sent]()
   end
   response = function(status, _, body)
      answered, last = answered + 1, now()
      count = answered
      if status >= 400 then refused = refused or string.format("%d %s", status, body) end
   end
end

local function steps(plan)
   local all, step = plan.requests, 1
   request = function()
      number = number + 1
      return all[step]()
   end
   response = function(status, headers, body)
      if status >= 400 then
         refused = refused or string.format("step %d: %d %s", step, status, body)
         return
      end
      for name, pattern in pairs(plan.captures) do
         values[name] = body:match(pattern) or headers[name] or values[name]
      end
      step = step % #all + 1
   end
end

function init(arguments)
   local threads_in_all = tonumber(arguments[1])
   local plan = read(threads_in_all)
   if plan.order == "cycle" then
      cycle(plan, threads_in_all)
   elseif plan.order == "once" then
      once(plan)
   elseif plan.order == "steps" then
      steps(plan)
   else
      error("a plan goes by cycle, once or steps, not by " .. tostring(plan.order))
   end
end

-- How long it took from the first request to the last answer: a plan whose requests are sent once may end early. And what
-- a thread was refused first.
function done()
   for _, thread in ipairs(threads) do
      local refusal = thread:get("refused")
      if refusal then io.write("Refused: " .. refusal .. "\n") end
   end
   local begun, ended, answered = math.huge, 0, 0
   for _, thread in ipairs(threads) do
      begun = math.min(begun, thread:get("first") or math.huge)
      ended = math.max(ended, thread:get("last") or 0)
      answered = answered + (thread:get("count") or 0)
   end
   if answered > 0 then
      io.write(string.format("Answered once: %d in %.6f s\n", answered, ended - begun))
   end
end
