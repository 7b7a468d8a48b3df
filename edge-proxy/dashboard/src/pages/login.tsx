import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionControl, SessionState } from '../session.ts';

type Props = { state: Exclude<SessionState, { kind: 'in' }>; session: SessionControl };

export function Login({ state, session }: Props) {
  const [token, setToken] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const isEntering = state.kind === 'entering';
  const why = state.kind === 'out' ? state.why : state.problem;
  useEffect(() => {
    document.title = 'Log in · Edge';
    if (!isEntering) field.current?.focus();
  }, [isEntering]);
  if (isEntering && token === '') return <Entering problem={state.problem} onCancel={session.logOut} />;
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.trim() !== '') void session.logIn(token.trim());
  };
  return (
    <main class="login">
      <h1>Edge: log in</h1>
      <p class="login-why" role="alert">
        {why}
      </p>
      <form onSubmit={submit} aria-busy={isEntering}>
        <label for="token">Token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="token-help"
          required
          ref={field}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <div class="actions">
          <button type="submit" class="primary" aria-disabled={isEntering}>
            {isEntering ? 'Logging in …' : 'Log in'}
          </button>
          {isEntering && (
            <button type="button" onClick={session.logOut}>
              Cancel
            </button>
          )}
        </div>
      </form>
      <TokenHelp />
    </main>
  );
}

/** While a token that was there already is tried. */
function Entering({ problem, onCancel }: { problem: string | undefined; onCancel: () => void }) {
  return (
    <main class="login">
      <h1>Edge: logging in …</h1>
      <p class="login-why" role="alert">
        {problem}
      </p>
      <button type="button" onClick={onCancel}>
        Log in as somebody else
      </button>
    </main>
  );
}

function TokenHelp() {
  return (
    <div id="token-help" class="hint">
      <p>One of these opens the page:</p>
      <ul>
        <li>
          on the machine that runs the edge, <code>npx edgectl dashboard</code>: it prints a link that logs in by
          itself;
        </li>
        <li>
          there too, the content of <code>.data/admin-token</code>;
        </li>
        <li>
          an operator’s token of the monolith, for <code>aud: edge-admin</code>, with the role viewer, operator or
          admin.
        </li>
      </ul>
      <p>The token stays in this tab and is forgotten with it.</p>
    </div>
  );
}
