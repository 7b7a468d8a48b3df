/**
 * What leaves this repository, an image each, and the workspaces that it is made of, the one that gives it its name first.
 * The edge's image holds the page for operators, bundled of what that one's workspace names.
 */
export const DELIVERED: Readonly<Record<string, readonly [string, ...string[]]>> = {
  'legacy-monolith': ['legacy-monolith'],
  'coach-service': ['coach-service'],
  'edge-proxy': ['edge-proxy', 'edge-proxy/dashboard'],
  loadtest: ['loadtest'],
};
