/*
 * The cohort key of a request: who it belongs to, for "the same user on the same side" at every tier.
 *
 * This one file is run by Node (the edge) and by Nginx's njs (0.7 or later), so it uses nothing but ECMAScript 5.1,
 * String.fromCodePoint and the default export. It decodes and never verifies: a forged token still meets its 401 behind.
 *
 * A key comes from a claim of the token, a header or a cookie, as the route says; without one it is the client's address.
 * Of a header or cookie only visible ASCII counts, since the two disagree about all other bytes.
 *
 * From a token's claim: the payload of the one `Bearer` credential (RFC 6750, scheme case-insensitive, any number of
 * spaces) is base64url without padding (RFC 7515), UTF-8 (invalid bytes and lone surrogates become U+FFFD), JSON (of
 * doubled members the last counts); the claim must be a string that is not empty. All else has no claim: ''.
 */

var ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/* So many arguments every engine takes in one call. */
var MOST_ARGUMENTS = 1024;
/* The value of each character of the alphabet, by its code. */
var SEXTETS = [];
for (var sextet = 0; sextet < ALPHABET.length; sextet++) SEXTETS[ALPHABET.charCodeAt(sextet)] = sextet;

/*
 * kind: claim, header or cookie; name: of the claim, the header (lower case) or the cookie; headers: names and values of
 * the request in turn, as they came; address: the client's
 */
function keyOf(kind, name, headers, address) {
  return namedKey(kind, name, headers) || plainAddress(address);
}

function namedKey(kind, name, headers) {
  if (kind === 'claim') return claimOf(valuesOf(headers, 'authorization'), name);
  if (kind === 'header') return visible(valuesOf(headers, name)[0]);
  return cookieOf(valuesOf(headers, 'cookie').join(';'), name);
}

function valuesOf(headers, name) {
  var values = [];
  for (var at = 0; at < headers.length; at += 2) {
    if (headers[at].length === name.length && headers[at].toLowerCase() === name) values.push(headers[at + 1]);
  }
  return values;
}

/* RFC 6265, section 5.4: the first cookie of that name */
function cookieOf(cookies, name) {
  var pairs = cookies.split(';');
  for (var at = 0; at < pairs.length; at++) {
    var equals = pairs[at].indexOf('=');
    if (equals > 0 && trimmed(pairs[at].slice(0, equals)) === name) return visible(pairs[at].slice(equals + 1));
  }
  return '';
}

function visible(value) {
  var text = trimmed(value || '');
  return /^[\x20-\x7e]*$/.test(text) ? text : '';
}

function trimmed(text) {
  var from = 0;
  var to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code) {
  return code === 0x20 || code === 0x09;
}

/* An IPv4 address that came as IPv6 (RFC 4291, section 2.5.5.2) is the same client. */
function plainAddress(address) {
  return address.replace(/^::ffff:(?=\d+\.[\d.]+$)/i, '');
}

/* authorization: every Authorization header of the request, in order */
function claimOf(authorization, claim) {
  if (authorization.length !== 1) return '';
  var token = /^bearer +([\w.-]+)$/i.exec(trimmed(authorization[0]));
  if (token === null) return '';
  var parts = token[1].split('.');
  if (parts.length !== 3 || parts[0] === '' || parts[1] === '') return '';
  var value = memberOf(utf8(base64url(parts[1])), claim);
  return typeof value === 'string' ? wellFormed(value) : '';
}

function memberOf(json, name) {
  try {
    var payload = JSON.parse(json);
    var isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
    return isObject && Object.prototype.hasOwnProperty.call(payload, name) ? payload[name] : undefined;
  } catch (error) {
    return undefined;
  }
}

function base64url(text) {
  var bytes = [];
  var bits = 0;
  var width = 0;
  for (var i = 0; i < text.length; i++) {
    bits = ((bits << 6) | SEXTETS[text.charCodeAt(i)]) & 0xffff;
    width += 6;
    if (width >= 8) {
      width -= 8;
      bytes.push((bits >> width) & 0xff);
    }
  }
  return bytes;
}

/* Decodes as the WHATWG Encoding Standard does: each maximal invalid part is one U+FFFD. */
function utf8(bytes) {
  var text = '';
  var at = 0;
  while (at < bytes.length && bytes[at] < 0x80) at++;
  if (at === bytes.length && at <= MOST_ARGUMENTS) return String.fromCharCode.apply(null, bytes);
  at = 0;
  while (at < bytes.length) {
    var lead = bytes[at];
    var tail =
      lead < 0x80
        ? 0
        : lead >= 0xc2 && lead < 0xe0
          ? 1
          : lead >= 0xe0 && lead < 0xf0
            ? 2
            : lead >= 0xf0 && lead < 0xf5
              ? 3
              : -1;
    at++;
    if (tail <= 0) {
      text += tail === 0 ? String.fromCharCode(lead) : '\ufffd';
      continue;
    }
    var point = lead & (0x3f >> tail);
    var low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    var high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    while (tail > 0 && at < bytes.length && bytes[at] >= low && bytes[at] <= high) {
      point = (point << 6) | (bytes[at] & 0x3f);
      low = 0x80;
      high = 0xbf;
      tail--;
      at++;
    }
    text += tail === 0 ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

/* A string without lone surrogates, as UTF-8 needs it. */
function wellFormed(text) {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, function (found) {
    return found.length === 2 ? found : '\ufffd';
  });
}

export default { keyOf: keyOf };
