-- wrk's requests, each with its own path and token: the lines of a file, "PATH<tab>TOKEN", round and round.
-- At the end one line of JSON: what was answered and what failed.

local requests, at = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local path, token = line:match('^(%S+)\t(%S+)$')
    requests[#requests + 1] = wrk.format('GET', path, {
      Host = wrk.headers.Host,
      Accept = 'application/json',
      ['Accept-Encoding'] = 'gzip, deflate, br',
      ['User-Agent'] = 'bench',
      Authorization = 'Bearer ' .. token,
    })
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    '\nresult {"requests":%d,"durationMicros":%d,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}\n',
    summary.requests, summary.duration, errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
