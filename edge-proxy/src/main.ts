import { runProcess } from '@fit/service-kit/run-process';
import { startEdge } from './app.ts';
import { readEnv } from './config/env.ts';

await runProcess(async () => await startEdge(readEnv(process.env)));
