-- POST /webhooks/ses: each line of the file MESSAGES once, the threads taking turns; stops when all are sent.
local headers = { ["Content-Type"] = "text/plain; charset=UTF-8" }
local threads = 0

function setup(thread)
  thread:set("turn", threads)
  threads = threads + 1
end

function init()
  bodies = {}
  local number = 0
  for line in io.lines(os.getenv("MESSAGES")) do
    if number % 2 == turn then bodies[#bodies + 1] = line end
    number = number + 1
  end
  at, answered = 0, 0
end

-- Once through, the last message is repeated until all answers are there: duplicates change nothing.
function request()
  at = math.min(at + 1, #bodies)
  return wrk.format("POST", "/webhooks/ses", headers, bodies[at])
end

function response()
  answered = answered + 1
  if answered >= #bodies then wrk.thread:stop() end
end
