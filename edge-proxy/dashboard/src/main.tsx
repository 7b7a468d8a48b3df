import { render } from 'preact';
import { codeIn } from './address.ts';
import { App } from './app.tsx';
import { createSession } from './session.ts';
import './styles/base.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/migration.css';
import 'uplot/dist/uPlot.min.css';

const session = createSession();
takeLoginCode();
addEventListener('hashchange', takeLoginCode);
render(<App session={session} />, document.querySelector('#app')!);

/** A link with a code logs in; the code is taken out of the address at once, so that nobody copies it along. */
function takeLoginCode(): void {
  const code = codeIn(location.hash);
  if (code === undefined) return;
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  void session.logInByCode(code);
}
