import { useEffect, useRef } from 'preact/hooks';
import { routeIn } from './address.ts';
import { SignedInContext, useHash, useLive, useObserved } from './hooks.ts';
import { AuditLog } from './pages/audit-log.tsx';
import { Login } from './pages/login.tsx';
import { Overview } from './pages/overview.tsx';
import { RoutePage } from './pages/route-page.tsx';
import { ConnectionBanner } from './parts/connection-banner.tsx';
import { Header } from './parts/header.tsx';
import { StoreNotice } from './parts/store-notice.tsx';
import type { SessionControl } from './session.ts';

/** Whoever is not logged in sees the login, on whatever page; the page is there again afterwards. */
export function App({ session }: { session: SessionControl }) {
  const state = useObserved(session.state);
  const hasAskedForLogin = useRef(false);
  if (state.kind === 'out') hasAskedForLogin.current = true;
  if (state.kind !== 'in') return <Login state={state} session={session} />;
  return (
    <SignedInContext.Provider value={state}>
      <Shell onLogOut={session.logOut} takesFocus={hasAskedForLogin.current} />
    </SignedInContext.Provider>
  );
}

/** @param takesFocus whether it stands in the place of a form that had it */
function Shell({ onLogOut, takesFocus }: { onLogOut: () => void; takesFocus: boolean }) {
  const { connection } = useLive();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takesFocus) main.current?.focus();
  }, [takesFocus]);
  const skip = (event: Event) => {
    // The address names the page, so it cannot name a place on it.
    event.preventDefault();
    main.current?.focus();
  };
  return (
    <div class={connection.kind === 'lost' ? 'shell is-stale' : 'shell'}>
      <a class="skip-link" href="#main" onClick={skip}>
        Skip to content
      </a>
      <Header onLogOut={onLogOut} />
      <ConnectionBanner />
      <main id="main" tabIndex={-1} ref={main}>
        <StoreNotice />
        <Page main={main} />
      </main>
    </div>
  );
}

function Page({ main }: { main: { current: HTMLElement | null } }) {
  const hash = useHash();
  const isFirst = useRef(true);
  useEffect(() => {
    // Whoever comes from a link on another page starts at the top of the new one.
    if (!isFirst.current) {
      main.current?.querySelector('h1')?.focus();
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [hash, main]);
  const route = routeIn(hash);
  if (route !== undefined) return <RoutePage key={route} name={route} />;
  return (
    <>
      <Overview />
      <AuditLog route={undefined} />
    </>
  );
}
