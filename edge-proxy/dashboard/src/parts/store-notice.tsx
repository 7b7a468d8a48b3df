import { useLive } from '../hooks.ts';
import { Moment } from './moment.tsx';

/** Said loudly while the store cannot be reached, or lacks a rollback that is in force. */
export function StoreNotice() {
  const { latest } = useLive();
  const isDown = latest?.store.state === 'down';
  const unstored = latest?.routes.filter(({ stored }) => !stored) ?? [];
  return (
    <div role="alert">
      {isDown && (
        <div class="notice is-serious">
          <p class="notice-title">The store cannot be reached, so weights cannot be changed. Rollback still works.</p>
          <p>
            Since <Moment at={latest.store.since} />. The last known weights stay in force. A rollback is taken by each
            edge by itself and handed to the store when it is back.
          </p>
        </div>
      )}
      {unstored.map(({ route }) => (
        <div class="notice is-serious" key={route}>
          <p class="notice-title">The rollback of {route} is in force on this edge, but not stored yet.</p>
          <p>The store gets it as soon as it can be reached. Roll back on each other edge too if it cannot wait.</p>
        </div>
      ))}
    </div>
  );
}
