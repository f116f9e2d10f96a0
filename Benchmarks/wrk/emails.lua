-- POST /emails with the body of the Email API document, each to a recipient and with a client id of its own, as campaigns have them: keys that
-- come in order cost an index much less. TOKEN and DOMAIN come from the environment, and where given RECIPIENT, a format of a number, and how many
-- ADDRESSES there are of it.
local addresses = tonumber(os.getenv("ADDRESSES") or 1000000000)
local head = '{"to": "' .. (os.getenv("RECIPIENT") or "user%09d@customer.example") .. '", "from": "news@' .. os.getenv("DOMAIN")
  .. '", "text": "we have a new offer this week", "subject": "EliPackage Promo", "externalId": "campaign-%d", "clientId": "%09d", '
  .. '"callbacks": ["https://customer.example/status"], "alias": "New User"}'
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
  local random = math.random
  return wrk.format("POST", "/emails", headers, string.format(head, random(0, addresses - 1), random(0, 99), random(0, 999999999)))
end
