/*
 * The cohort key of a request: who it belongs to, for "the same user on the same side" at every tier.
 *
 * This one file is run by Node (the edge) and by Nginx's njs (0.7 or later), so it uses nothing but ECMAScript 5.1,
 * String.fromCodePoint and the default export. It decodes and never verifies: a forged token still meets its 401 behind.
 *
 * From a token's claim: the payload of the one `Bearer` credential (RFC 6750, scheme case-insensitive, any number of
 * spaces) is base64url without padding (RFC 7515), UTF-8 (invalid bytes and lone surrogates become U+FFFD), JSON (of
 * doubled members the last counts); the claim must be a string that is not empty. All else has no claim: ''.
 */

var ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/* authorization: every Authorization header of the request, in order */
function claimOf(authorization, claim) {
  if (authorization.length !== 1) return '';
  var token = /^bearer +[\w-]+\.([\w-]+)\.[\w-]*$/i.exec(authorization[0]);
  if (token === null) return '';
  var value = memberOf(utf8(base64url(token[1])), claim);
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
    bits = ((bits << 6) | ALPHABET.indexOf(text[i])) & 0xffff;
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

export default { claimOf: claimOf };
