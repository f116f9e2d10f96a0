-- POST with a body of the size of an email's to `/`, for the servers that do nothing.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"text": "' .. string.rep("x", 260) .. '"}'
