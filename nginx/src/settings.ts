import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from '@fit/service-kit/start-error';
import { z } from 'zod';

const SETTINGS_FILE = 'settings.json';

/** What may stand between double quotes in a configuration of Nginx. */
const NOT_QUOTABLE = 'must have no quotes, backslashes, $ or control characters';
const quotable = z.string().regex(/^[^"\\$\p{Cc}]+$/u, NOT_QUOTABLE);
const port = z.int().min(1).max(65_535);
const HOST = String.raw`(?:[\w.-]+|\[[\da-fA-F:]+\])`;

const settingsSchema = z.strictObject({
  listen: z
    .string()
    .regex(new RegExp(`^${HOST}$`), 'must be an address, IPv6 in brackets')
    .default('127.0.0.1'),
  port: port.default(8000),
  tlsPort: port.default(8443),
  certificate: quotable.default('certificate.pem'),
  certificateKey: quotable.default('certificate-key.pem'),
  accessLog: quotable.default('access.log'),
  edges: z
    .array(z.string().regex(new RegExp(`^${HOST}:\\d{1,5}$`), 'must be host:port'))
    .min(1)
    .default(['127.0.0.1:8080']),
  realIpFrom: z
    .array(z.string().regex(/^[\da-fA-F.:]+(?:\/\d{1,3})?$/, 'must be an address or CIDR block'))
    .default([]),
});

/** How this machine's Nginx listens, and where its edges are. File names are relative to the folder. */
export type NginxSettings = z.output<typeof settingsSchema>;

/** An Nginx of ours: the folder with its settings, its configuration in force, its pid and its log. */
export type NginxFolder = { folder: string; settings: NginxSettings };

/**
 * Reads `settings.json` of a folder; each absent member has its default, an absent file all of them.
 *
 * @throws StartError if there is no such folder, or naming every wrong member
 */
export function openNginxFolder(folder: string): NginxFolder {
  const absolute = resolve(folder);
  if (!existsSync(absolute)) throw new StartError('no-folder', `There is no folder ${absolute} for Nginx`);
  if (!quotable.safeParse(absolute).success) {
    throw new StartError('bad-folder', `A folder of Nginx ${NOT_QUOTABLE}, received ${JSON.stringify(absolute)}`);
  }
  const file = join(folder, SETTINGS_FILE);
  const result = settingsSchema.safeParse(parseJson(file));
  if (result.success) return { folder: absolute, settings: result.data };
  const problems = result.error.issues.map((issue) => `  - ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new StartError('bad-nginx-settings', `${file} cannot be used:\n${problems.join('\n')}`);
}

export function writeSettings(folder: string, settings: Partial<NginxSettings>): void {
  writeFileSync(join(folder, SETTINGS_FILE), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Where a client on this machine reaches it without TLS. */
export function localUrl({ listen, port }: NginxSettings): string {
  const host = listen === '0.0.0.0' ? '127.0.0.1' : listen === '[::]' ? '[::1]' : listen;
  return `http://${host}:${port}`;
}

function parseJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new StartError('bad-nginx-settings', `${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StartError('bad-nginx-settings', `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
