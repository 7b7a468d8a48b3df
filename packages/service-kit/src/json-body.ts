import express from 'express';
import type { RequestHandler } from 'express';
import { ProblemError } from './problem.ts';

/**
 * Express middleware: parses a JSON body of any kind. Errors: 415 for another media type or a compressed body, 413 over
 * `maxBytes`, 400 if it is not JSON.
 */
export function jsonBody(maxBytes: number): RequestHandler[] {
  return [requireJson, express.json({ limit: maxBytes, inflate: false, strict: false, type: () => true })];
}

const requireJson: RequestHandler = (req, _res, next) => {
  const [mediaType = ''] = (req.get('content-type') ?? '').split(';', 1);
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    const received = JSON.stringify(mediaType);
    throw new ProblemError('unsupported-media-type', `Content-Type must be application/json (received ${received})`);
  }
  next();
};
