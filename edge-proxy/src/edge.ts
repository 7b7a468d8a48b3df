#!/usr/bin/env node
import { runProcess } from '@fit/service-kit/run-process';
import { startEdge } from './app.ts';
import { readEnv } from './config/env.ts';
import { readEdgeCommand } from './edge-command.ts';
import { startedText } from './edge-started.ts';

/** `edge --config FILE`: what `main.ts` runs, started by hand before any two servers. */
const command = readEdgeCommand(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  env: process.env,
});
if (command.kind === 'done') process.exitCode = command.exitCode;
else {
  // As `--import` does it for `main.ts`: nothing, unless the environment names a collector of traces.
  await import('@fit/tracing/register');
  await runProcess(async () => await start(command.env));
}

async function start(variables: NodeJS.ProcessEnv) {
  const env = readEnv(variables);
  const edge = await startEdge(env);
  // The log is for programs; somebody who looks on gets a few lines more.
  if (process.stdout.isTTY) {
    process.stdout.write(startedText({ ...edge, jwksUrl: env.JWKS_URL, issuer: env.JWT_ISSUER }));
  }
  return edge;
}
