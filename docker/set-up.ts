/*
 * Makes the secrets of docker-compose.yml before anything else starts: the database's password and a certificate for
 * development, each in a volume of its own, so that a container sees only what it needs. Runs at every `up`, and leaves
 * alone what is there and good.
 *
 *   /secrets/database     password           root, 0400: for PostgreSQL's entrypoint, before it drops to its own user
 *                         monolith-password  the same for the monolith's user, 0400
 *   /secrets/certificate  certificate.pem, certificate-key.pem: the key for root and for Nginx's group
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCertificate } from '@fit/nginx/certificate';

const ROOT = 0;
/** Of the official images. */
const NODE = 1000;
const NGINX = 101;

/** As a browser names this machine, and as the load test names the container. */
const CERTIFICATE_NAMES = ['localhost', 'nginx', '127.0.0.1', '::1'];

type Access = { user: number; group: number; mode: number };

ensurePassword('/secrets/database');
const { certificate, key } = await ensureCertificate('/secrets/certificate', CERTIFICATE_NAMES);
permit(certificate, { user: ROOT, group: ROOT, mode: 0o644 });
permit(key, { user: ROOT, group: NGINX, mode: 0o640 });

/** The password outlives everything but its volume: the database knows no other one. */
function ensurePassword(folder: string): void {
  const [password, monolithPassword] = [join(folder, 'password'), join(folder, 'monolith-password')];
  if (!existsSync(password)) {
    place(password, randomBytes(24).toString('base64url'), { user: ROOT, group: ROOT, mode: 0o400 });
  }
  if (!existsSync(monolithPassword)) {
    place(monolithPassword, readFileSync(password, 'utf8'), { user: NODE, group: NODE, mode: 0o400 });
  }
}

/** Nobody meets half a file, or one that is not his yet. */
function place(file: string, text: string, access: Access): void {
  const next = `${file}.next`;
  writeFileSync(next, text, { mode: 0o600 });
  permit(next, access);
  renameSync(next, file);
}

/** The mode first: who has given a file away may no longer change it. */
function permit(file: string, { user, group, mode }: Access): void {
  chmodSync(file, mode);
  chownSync(file, user, group);
}
