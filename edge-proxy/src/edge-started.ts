import type { RouteFile } from './config/route-file.ts';

export type StartedEdge = { url: string; adminUrl: string; file: RouteFile; jwksUrl: string; issuer: string };

/** What a person who has just started an edge wants to know. */
export function startedText({ url, adminUrl, file, jwksUrl, issuer }: StartedEdge): string {
  const routes = file.routes.map((route): [string, string] => [
    route.path,
    `${route.old} → ${route.new}, split by ${route.key.from} ${route.key.name} (route ${route.name})`,
  ]);
  const rows: [string, string][] = [
    ['Public', url],
    ['Admin', `${adminUrl}, the dashboard too (npx edgectl --url ${adminUrl} status)`],
    ['Operators', `a token of ${issuer} for edge-admin, verified with ${jwksUrl}`],
    ...routes,
    ['All else', file.defaultUpstream],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return `\n${rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}\n`).join('')}\nStop: Ctrl-C\n\n`;
}
