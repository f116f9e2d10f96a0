-- POST /webhooks/ses: unsigned bounces of mail from DOMAIN, three in ten sent a second time.
local run = os.getenv("RUN")
local domain = os.getenv("DOMAIN")
local timestamp = os.date("!%Y-%m-%dT%H:%M:%S.000Z")
local headers = { ["Content-Type"] = "text/plain; charset=UTF-8" }
local thread_name, number, again = "", 0, false

function init()
  thread_name = tostring({}):match("0x(%x+)")
end

local function body(id)
  local address = "u" .. id .. "@customer.example"
  local event = '{\\"notificationType\\":\\"Bounce\\",\\"mail\\":{\\"timestamp\\":\\"' .. timestamp .. '\\",\\"messageId\\":\\"' .. id
    .. '\\",\\"source\\":\\"app@' .. domain .. '\\",\\"destination\\":[\\"' .. address .. '\\"]},\\"bounce\\":{\\"bounceType\\":\\"Permanent\\",'
    .. '\\"bounceSubType\\":\\"General\\",\\"timestamp\\":\\"' .. timestamp .. '\\",\\"feedbackId\\":\\"' .. id
    .. '\\",\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"' .. address .. '\\",\\"status\\":\\"5.1.1\\"}]}}'
  return '{"Type":"Notification","MessageId":"' .. id .. '","TopicArn":"arn:aws:sns:eu-west-1:123456789012:ses","Message":"' .. event
    .. '","Timestamp":"' .. timestamp .. '","SignatureVersion":"1","Signature":"AAAA",'
    .. '"SigningCertURL":"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-00.pem"}'
end

-- Of ten requests three repeat the one before.
function request()
  number = number + 1
  local place = number % 10
  local id = run .. "-" .. thread_name .. "-" .. ((place == 3 or place == 6 or place == 9) and number - 1 or number)
  return wrk.format("POST", "/webhooks/ses", headers, body(id))
end
