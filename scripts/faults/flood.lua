-- One request of each kind after the other, some of them wrong: what a flood may consist of.
local token = os.getenv("FLOOD_TOKEN")
local json = { ["content-type"] = "application/json" }
local bearer = { ["authorization"] = "Bearer " .. token }
local both = { ["content-type"] = "application/json", ["authorization"] = "Bearer " .. token }

local login = '{"username":"nobody@example.com","password":"no such password"}'

function init(_)
   local all = {
      wrk.format("GET", "/healthz"),
      wrk.format("GET", "/readyz"),
      wrk.format("GET", "/.well-known/jwks.json"),
      wrk.format("GET", "/api/openapi.json"),
      wrk.format("GET", "/docs/"),
      wrk.format("GET", "/api/user/me", bearer),
      wrk.format("GET", "/api/user/me", { ["authorization"] = "Bearer x.y.z" }),
      wrk.format("GET", "/api/user/all?limit=50", bearer),
      wrk.format("GET", "/api/user/active", bearer),
      wrk.format("GET", "/api/auth/sessions", bearer),
      wrk.format("GET", "/api/auth/login", bearer),
      wrk.format("PUT", "/api/user", both, '{"profile":{"city":"Paris"}}'),
      wrk.format("POST", "/api/auth/login", json, login),
      wrk.format("POST", "/api/auth/refresh", bearer),
      wrk.format("POST", "/api/user", json, '{"username":"no address","password":"x"}'),
      wrk.format("POST", "/api/user", json, string.rep("[", 20000)),
      wrk.format("GET", "/nothing/here"),
      wrk.format("DELETE", "/api/user/me", bearer),
   }
   local count = 0
   request = function()
      count = count % #all + 1
      return all[count]
   end
end
