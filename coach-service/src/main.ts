import { runProcess } from '@fit/service-kit/run-process';
import { startCoach } from './app.ts';
import { coachConfigFrom } from './config/env.ts';

await runProcess(() => startCoach(coachConfigFrom(process.env)));
