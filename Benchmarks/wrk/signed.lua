-- Calls that were signed beforehand: SIGNED names a file with a call in three lines, its `X-Amz-Date`, its `Authorization` and its form.
local calls = {}

function init()
  local file = assert(io.open(os.getenv("SIGNED")))
  while true do
    local date, authorization, body = file:read("*l", "*l", "*l")
    if not body then break end
    local headers = {
      ["Host"] = os.getenv("SIGNED_HOST"), ["Content-Type"] = "application/x-www-form-urlencoded",
      ["X-Amz-Date"] = date, ["Authorization"] = authorization,
    }
    calls[#calls + 1] = wrk.format("POST", "/", headers, body)
  end
  file:close()
  math.randomseed(os.time())
end

function request()
  return calls[math.random(#calls)]
end
