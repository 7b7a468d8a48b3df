import { z } from 'zod';

const payloadSchema = z.object({
  /** Whose it is. */
  sub: z.string().optional().catch(undefined),
  /** When it ends, epoch seconds. */
  exp: z.number().optional().catch(undefined),
});

/** What a bearer token says about itself, unverified; empty for one that is no JWT (RFC 7519, section 3). */
export function payloadOf(token: string): z.infer<typeof payloadSchema> {
  try {
    return payloadSchema.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}
