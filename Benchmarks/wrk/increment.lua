-- POST …/outbound/increment over DOMAINS domains named d<number>.example, in an order that visits all of them.
local count = tonumber(os.getenv("DOMAINS"))
local headers = { Authorization = "Bearer " .. os.getenv("TOKEN") }
local at = 0

-- Each thread starts somewhere else.
function init()
  at = tonumber(tostring({}):match("0x(%x+)"), 16) % count
end

function request()
  at = (at + 7919) % count
  return wrk.format("POST", "/domains/d" .. at .. ".example/outbound/increment", headers)
end
