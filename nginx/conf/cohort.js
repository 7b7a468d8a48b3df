/*
 * The key of a request, for split_clients: njs reads it with the very file that the edge runs. $key_source names where it
 * is, as the route has it: `claim sub`, `header x-tenant` or `cookie session`.
 */
import cohortKey from 'cohort-key.js';

function key(r) {
  var source = r.variables.key_source.split(' ');
  var headers = [];
  r.rawHeadersIn.forEach(function (header) {
    headers.push(header[0], header[1]);
  });
  return cohortKey.keyOf(source[0], source[1], headers, r.remoteAddress);
}

export default { key: key };
