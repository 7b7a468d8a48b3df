import type { RouteView } from '@fit/edge-proxy/admin-api/schemas';

export function PhaseName({ route: { phase, sides } }: { route: RouteView }) {
  const meaning = {
    legacy: `everybody on ${sides.old}`,
    shadow: `everybody on ${sides.old}, copies to ${sides.new}`,
    canary: `some users on ${sides.new}`,
    full: `everybody on ${sides.new}`,
    retired: `everybody on ${sides.new}, no way back`,
  }[phase];
  return (
    <p class={`phase is-${phase}`}>
      <strong>{phase}</strong> <span>{meaning}</span>
    </p>
  );
}
