import { runProcess } from '@fit/service-kit/run-process';
import { startNginxService } from './app.ts';
import { readEnv } from './env.ts';

await runProcess(async () => await startNginxService(readEnv(process.env)));
