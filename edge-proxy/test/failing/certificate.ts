import { generateKeyPairSync, sign } from 'node:crypto';

const oid = (hex: string) => element(0x06, Buffer.from(hex, 'hex'));
const sequence = (...parts: Buffer[]) => element(0x30, ...parts);
const text = (tag: number, value: string) => element(tag, Buffer.from(value));

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
/** 2.5.4.3 */
const COMMON_NAME = oid('550403');

/** A self-signed certificate with its key, both PEM: right in every way, except that nobody has a reason to trust it. */
export function selfSigned(name: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = sequence(element(0x31, sequence(COMMON_NAME, text(0x0c, name))));
  // RFC 5280, section 4.1, version 1: serial number, algorithm, issuer, validity, subject, key.
  const content = sequence(
    element(0x02, Buffer.from([1])),
    ECDSA_WITH_SHA256,
    subject,
    sequence(text(0x17, '200101000000Z'), text(0x17, '491231235959Z')),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = element(0x03, Buffer.from([0]), sign('sha256', content, privateKey));
  const base64 = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
}

/** One DER element: tag, length in the shortest form, content (up to 65,535 bytes). */
function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
