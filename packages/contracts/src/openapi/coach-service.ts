import { createDocument } from 'zod-openapi';
import { securitySchemes, workoutOfTheDayOperation } from './parts.ts';

/** OpenAPI document of the coach service. */
export const coachServiceDocument = createDocument({
  openapi: '3.1.0',
  info: { title: 'Coach service', version: '1.0.0' },
  paths: { '/fitness/wod': { get: workoutOfTheDayOperation } },
  components: { securitySchemes },
});
