import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';

export function PhaseName({ route: { phase, sides } }: { route: RouteView }) {
  const meaning = {
    legacy: `everybody on ${sides.old}`,
    canary: `some users on ${sides.new}`,
    full: `everybody on ${sides.new}`,
  }[phase];
  return (
    <p class={`phase is-${phase}`}>
      <strong>{phase}</strong> <span>{meaning}</span>
    </p>
  );
}
