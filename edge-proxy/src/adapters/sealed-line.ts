import { crc32 } from 'node:zlib';

const SEALED = /^(.*),"checksum":"([0-9a-f]{8})"\}$/s;

/** JSON of an object with at least one field, closed by the CRC-32 of all that stands before it; without a line feed. */
export function sealed(content: object): string {
  return sealedText(JSON.stringify(content));
}

/** The same of an object that is JSON already. */
export function sealedText(json: string): string {
  const open = json.slice(0, -1);
  return `${open},"checksum":"${checksumOf(open)}"}`;
}

export function isSealed(text: string): boolean {
  const [, open, checksum] = SEALED.exec(text) ?? [];
  return open !== undefined && checksumOf(open) === checksum;
}

export type Unsealed =
  { readonly kind: 'whole'; readonly content: unknown } | { readonly kind: 'broken'; readonly why: string };

/** What was sealed, if not a bit of it has changed. */
export function unsealed(text: string): Unsealed {
  if (!isSealed(text)) return { kind: 'broken', why: 'its checksum does not match' };
  try {
    return { kind: 'whole', content: JSON.parse(text) };
  } catch {
    return { kind: 'broken', why: 'it is not JSON' };
  }
}

function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
