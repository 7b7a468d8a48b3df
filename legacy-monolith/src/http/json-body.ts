import { ProblemError } from '@fit/service-kit/problem';
import express from 'express';
import type { RequestHandler } from 'express';

const MAX_BODY_BYTES = 65_536;

/** Parses a JSON body. Errors: 415 for any other media type, 413 over 64 KiB, 400 if it is not JSON. */
export const jsonBody: RequestHandler[] = [
  (req, _res, next) => {
    const [mediaType = ''] = (req.get('content-type') ?? '').split(';', 1);
    if (mediaType.trim().toLowerCase() !== 'application/json') {
      throw new ProblemError(
        'unsupported-media-type',
        `Content-Type must be application/json (received ${JSON.stringify(mediaType)})`,
      );
    }
    next();
  },
  express.json({ limit: MAX_BODY_BYTES, type: () => true, strict: false }),
];
