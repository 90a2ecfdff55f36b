-- For wrk: prints what `wrk.ts` reads. Arguments: `cookies=FILE`, with one Cookie header a line, to be used in turn;
-- `body=BYTES`, to be sent with each request.

local cookies = {}
local turn = 0

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
    for line in io.lines(given.cookies) do
      cookies[#cookies + 1] = line
    end
    request = function()
      turn = turn % #cookies + 1
      wrk.headers["Cookie"] = cookies[turn]
      return wrk.format()
    end
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
