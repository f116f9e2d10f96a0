-- POST /emails with the body of the Email API document. TOKEN and DOMAIN come from the environment.
wrk.method = "POST"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"to": "user@customer.example", "from": "news@' .. os.getenv("DOMAIN") .. '", "text": "we have a new offer this week", '
  .. '"subject": "EliPackage Promo", "externalId": "123456789abcde", "clientId": "48118112", '
  .. '"callbacks": ["https://customer.example/status"], "alias": "New User"}'
