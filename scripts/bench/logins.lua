-- Logs in as one of USERS users after another.
local users, password, next_user = tonumber(os.getenv("USERS")), os.getenv("PASSWORD"), 0

function request()
   next_user = (next_user + 1) % users
   local body = string.format('{"username":"user%d@example.com","password":"%s"}', next_user, password)
   return wrk.format("POST", "/api/auth/login", { ["content-type"] = "application/json" }, body)
end
