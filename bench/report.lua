-- For wrk: prints what `wrk.ts` reads. Arguments: `cookies=FILE`, with one Cookie header a line, to be used in turn;
-- `body=BYTES`, to be sent with each request; `logins=FILE`, with one hidden body a line, to be used in turn by logins
-- in place of a webserver, with `every=N` requests between two of them.

local turn = 0

local function read_lines(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

-- A login brings no session along, because that would end with it.
local LOGIN = { ['Content-Type'] = 'text/plain', ['X-BackendAI-Encoded'] = 'true' }

local function log_in_between(bodies, every)
  local requests = 0
  request = function()
    requests = requests + 1
    if requests % (every + 1) > 0 then
      return wrk.format()
    end
    turn = turn % #bodies + 1
    return wrk.format('POST', '/server/login', LOGIN, bodies[turn])
  end
  response = function(status, headers, body)
    local session = headers['x-backendai-sessionid']
    if session then
      wrk.headers['Cookie'] = 'AIOHTTP_SESSION=' .. session
    elseif body:find('"authenticated":false', 1, true) then
      error('a login was refused: ' .. body)
    end
  end
end

function init(args)
  local given = {}
  for _, argument in ipairs(args) do
    local name, value = argument:match('^(%w+)=(.*)$')
    given[name] = value
  end
  if given.body then
    wrk.method = 'POST'
    wrk.body = string.rep('x', tonumber(given.body))
  end
  if given.cookies then
    local cookies = read_lines(given.cookies)
    request = function()
      turn = turn % #cookies + 1
      wrk.headers["Cookie"] = cookies[turn]
      return wrk.format()
    end
  end
  if given.logins then
    log_in_between(read_lines(given.logins), tonumber(given.every))
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"bytes":%d,"durationUs":%d,"p50Us":%d,"p99Us":%d,"failures":%d,"badStatus":%d}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status
  ))
end
