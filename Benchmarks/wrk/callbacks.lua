-- POST /emails, each with the callback of the next receiver: CALLBACKS and a number, or FIRST in place of 0.
local base, first, receivers = os.getenv("CALLBACKS"), os.getenv("FIRST"), tonumber(os.getenv("RECEIVERS"))
local number = 0
local head = '{"to": "user@customer.example", "from": "news@' .. os.getenv("DOMAIN") .. '", "text": "we have a new offer this week", '
  .. '"subject": "EliPackage Promo", "callbacks": ["'
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }

request = function()
  local name = number % receivers == 0 and first or tostring(number % receivers)
  number = number + 1
  return wrk.format("POST", nil, headers, head .. base .. name .. '"]}')
end
