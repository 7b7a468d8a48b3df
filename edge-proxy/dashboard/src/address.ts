/** The name of a route whose page `#/routes/NAME` is; undefined for the overview. */
export function routeIn(hash: string): string | undefined {
  return decoded(/^#\/routes\/([^/]+)$/.exec(hash)?.[1]);
}

/** The code of a link that logs in by itself, `#code=CODE`. */
export function codeIn(hash: string): string | undefined {
  return decoded(/^#code=(.+)$/.exec(hash)?.[1]);
}

/** `#/routes/NAME` */
export function addressOf(route: string): string {
  return `#/routes/${encodeURIComponent(route)}`;
}

/** What was cut off or typed wrongly stays as it is, to be refused by whom it is sent to. */
function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
