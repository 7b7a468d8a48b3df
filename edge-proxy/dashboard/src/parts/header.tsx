import type { StateEvent } from '@fit/edge-proxy/admin-api/schemas';
import type { ComponentChildren } from 'preact';
import { useLive, useNow, useSignedIn } from '../hooks.ts';
import { plural, stretch, zoneName } from '../words/format.ts';
import { Moment } from './moment.tsx';

const EXPIRY_WARNING_MS = 600_000;

export function Header({ onLogOut }: { onLogOut: () => void }) {
  const { session } = useSignedIn();
  return (
    <header class="header">
      <a class="home" href="#/">
        Edge
      </a>
      <Facts />
      <div class="who">
        <span>
          <strong>{session.actor}</strong> {session.roles.join(', ')}
        </span>
        <Expiry expiresAt={session.expires_at} />
        <button type="button" class="plain" onClick={onLogOut}>
          Log out
        </button>
      </div>
    </header>
  );
}

function Facts() {
  const { latest, connection } = useLive();
  return (
    <dl class="facts">
      <Fact name="Connection" isWell={connection.kind !== 'lost'}>
        {{ live: 'live', connecting: 'connecting …', lost: 'lost' }[connection.kind]}
      </Fact>
      {latest && (
        <>
          <Fact name="Store" isWell={latest.store.state === 'up'}>
            {latest.store.kind}, {latest.store.state} since <Moment at={latest.store.since} />
          </Fact>
          <Fact name="Edges" isWell={latest.replicas.every(({ state }) => state === 'live')}>
            {edgesInWords(latest)}
          </Fact>
          <Fact name="All times" isWell>
            {timesInWords(zoneName(new Date().getTimezoneOffset()))}
          </Fact>
        </>
      )}
    </dl>
  );
}

type FactProps = { name: string; isWell: boolean; children: ComponentChildren };

function Fact({ name, isWell, children }: FactProps) {
  return (
    <div class={isWell ? 'fact' : 'fact is-bad'}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Expiry({ expiresAt }: { expiresAt: string | null }) {
  const now = useNow();
  if (expiresAt === null) return null;
  const leftMs = Date.parse(expiresAt) - now;
  if (leftMs > EXPIRY_WARNING_MS) return null;
  return <span class="expiry">login ends in {stretch(leftMs)}</span>;
}

function edgesInWords({ replicas }: StateEvent): string {
  const silent = replicas.filter(({ state }) => state === 'silent').length;
  if (silent === 0) return `${plural(replicas.length, 'edge')}, ${replicas.length === 1 ? 'live' : 'all live'}`;
  return `${replicas.length - silent} of ${plural(replicas.length, 'edge')} live, ${silent} silent`;
}

function timesInWords(zoneHere: string): string {
  return zoneHere === 'UTC' ? 'UTC' : `UTC; here it is ${zoneHere}`;
}
