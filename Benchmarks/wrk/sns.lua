-- POST /webhooks/ses: each line of the file MESSAGES once, from one thread; ends the run when all are answered.
local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int pid, int signal);")

local headers = { ["Content-Type"] = "text/plain; charset=UTF-8" }
local bodies, at, answered = {}, 0, 0

function init()
  for line in io.lines(os.getenv("MESSAGES")) do
    bodies[#bodies + 1] = line
  end
end

-- Once through, the last message is repeated until all answers are there: duplicates change nothing.
function request()
  at = math.min(at + 1, #bodies)
  return wrk.format("POST", "/webhooks/ses", headers, bodies[at])
end

-- SIGINT makes wrk print its figures now instead of at the end of its time.
function response()
  answered = answered + 1
  if answered == #bodies then ffi.C.kill(ffi.C.getpid(), 2) end
end
