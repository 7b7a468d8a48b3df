/** Whatever a lenient server might read as something else; paths without it, nearly all, are plain as they are. */
const NOT_PLAIN = /[%A-Z\\;]|\/[/.]|\/$/;

/** What a server that decodes before it splits might take for the path's end. */
const END = /[?#\0]/;

/**
 * The plainest path that any server could take this one for: percent-encodings undone (twice), backslashes as slashes, path
 * parameters (`;…`) dropped, slashes merged, dot segments resolved (RFC 3986, section 5.2.4), lower case, no slash at the
 * end. For refusing what must not be reached, never for choosing where a request goes.
 */
export function plainPath(path: string): string {
  if (!NOT_PLAIN.test(path)) return path;
  const [beforeEnd = ''] = unescaped(unescaped(path)).split(END);
  const decoded = beforeEnd.replaceAll('\\', '/').trim().toLowerCase();
  const segments: string[] = [];
  for (const segment of decoded.split('/')) {
    const name = segment.split(';', 1)[0] ?? '';
    if (name === '' || name === '.') continue;
    if (name === '..') segments.pop();
    else segments.push(name);
  }
  return `/${segments.join('/')}`;
}

function unescaped(path: string): string {
  return path.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
