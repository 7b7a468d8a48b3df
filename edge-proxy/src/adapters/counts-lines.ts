import { z } from 'zod';
import type { CountsTable } from './counts-table.ts';
import { firstIssue, schemaVersionSchema } from './route-entry.ts';
import { sealedText, unsealed } from './sealed-line.ts';

/**
 * How a table is kept in a file: a line of JSON for each replica and topic, and one for the facts of a topic, each closed by
 * a checksum.
 *
 *     {"schemaVersion":1,"topic":"evidence:wod","epoch":3,"incarnation":"…","value":{…},"checksum":"9c0f1a2b"}
 *     {"schemaVersion":1,"topic":"facts:wod","facts":{"drilledAt":1772334000000},"checksum":"0d5f7c33"}
 */
const wholeSchema = z.int().min(0);
const head = { schemaVersion: schemaVersionSchema, topic: z.string() };
const lineSchema = z.union([
  z.object({ ...head, epoch: wholeSchema, incarnation: z.string(), value: z.json() }),
  z.object({ ...head, facts: z.record(z.string(), wholeSchema) }),
]);

export function writtenCounts({ topics, facts }: CountsTable): string {
  const lines: string[] = [];
  for (const [topic, { epoch, counted }] of topics) {
    for (const [incarnation, json] of counted) {
      const open = JSON.stringify({ schemaVersion: 1, topic, epoch, incarnation }).slice(0, -1);
      lines.push(sealedText(`${open},"value":${json}}`));
    }
  }
  for (const [topic, known] of facts) {
    lines.push(sealedText(JSON.stringify({ schemaVersion: 1, topic, facts: Object.fromEntries(known) })));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Puts into a table what can be read. @returns what is wrong with the first line that cannot */
export function readCounts(text: string, table: CountsTable): { broken: string | undefined } {
  let broken: string | undefined;
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    const why = readLine(line, table);
    if (why !== undefined) broken ??= `line ${index + 1}: ${why}`;
  }
  if (!text.endsWith('\n') && text !== '') broken ??= 'its last line has no end';
  return { broken };
}

function readLine(text: string, table: CountsTable): string | undefined {
  const line = unsealed(text);
  if (line.kind === 'broken') return line.why;
  const result = lineSchema.safeParse(line.content);
  if (!result.success) return firstIssue(result.error);
  const { data } = result;
  if ('facts' in data) table.raise(data.topic, data.facts);
  else table.put(data, data.incarnation, JSON.stringify(data.value));
  return undefined;
}
