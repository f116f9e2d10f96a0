-- POST /emails to a recipient of its own for each request, among ADDRESSES suppressed ones. TOKEN and DOMAIN come from the environment.
local addresses = tonumber(os.getenv("ADDRESSES"))
local head = '{"to": "user'
local tail = 'x@suppressed.example", "from": "news@' .. os.getenv("DOMAIN")
  .. '", "text": "we have a new offer this week", "subject": "EliPackage Promo", "externalId": "123456789abcde"}'
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
local counter = 0

function setup(thread)
  counter = counter + 1
  thread:set("seed", counter)
end

function init()
  math.randomseed(os.time() + seed)
end

function request()
  return wrk.format("POST", "/emails", headers, head .. string.format("%07d", math.random(0, addresses - 1)) .. tail)
end
