import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export type CertificateFiles = { certificate: string; key: string };

const DAY_MS = 86_400_000;
const LIFETIME_DAYS = 365;
/** One that ends sooner is made anew. */
const RENEWAL_DAYS = 30;
const DEFAULT_NAMES = ['localhost', '127.0.0.1', '::1'];

/**
 * A self-signed certificate for development, made in a folder if there is none or it ends soon.
 *
 * @param names DNS names and addresses that it is for
 */
export async function ensureCertificate(
  folder: string,
  names: readonly string[] = DEFAULT_NAMES,
): Promise<CertificateFiles> {
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'certificate-key.pem') };
  if (isGood(files)) return files;
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + LIFETIME_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(altName) },
    ],
  });
  replace(files.key, key);
  replace(files.certificate, cert);
  return files;
}

function isGood({ certificate, key }: CertificateFiles): boolean {
  try {
    const present = new X509Certificate(readFileSync(certificate));
    const isFresh = present.validToDate.getTime() - Date.now() > RENEWAL_DAYS * DAY_MS;
    return isFresh && present.checkPrivateKey(createPrivateKey(readFileSync(key)));
  } catch {
    return false;
  }
}

function altName(name: string) {
  const isAddress = /^[\d.]+$|:/.test(name);
  return isAddress ? { type: 7 as const, ip: name } : { type: 2 as const, value: name };
}

/** Nobody meets half a file. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.next`, text, { mode: 0o600 });
  renameSync(`${file}.next`, file);
}
