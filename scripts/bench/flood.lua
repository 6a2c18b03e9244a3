-- Logs in with a good password as fast as it can, as if from NETWORKS networks behind a proxy.
local networks, password = tonumber(os.getenv("NETWORKS")), os.getenv("PASSWORD")
local body = string.format('{"username":"flood@example.com","password":"%s"}', password)
local network = 0

function request()
   network = (network + 1) % networks
   local headers = { ["content-type"] = "application/json", ["x-forwarded-for"] = "198.51.100." .. network }
   return wrk.format("POST", "/api/auth/login", headers, body)
end
