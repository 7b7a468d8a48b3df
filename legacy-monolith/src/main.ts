import { runProcess } from '@fit/service-kit/run-process';
import { startMonolith } from './app.ts';
import { readConfig } from './config/env.ts';

await runProcess(async () => await startMonolith(readConfig(process.env)));
