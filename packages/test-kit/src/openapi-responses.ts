import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The parts of an OpenAPI 3.1 document that say what a response looks like. */
export type ApiDocument = { paths?: object };

export type ApiResponse = {
  method: string;
  /** As the document writes it: `/exercises/{id}`. */
  path: string;
  status: number;
  contentType: string;
  body: unknown;
};

type Paths = Record<string, Record<string, Operation>>;
type MediaTypes = Record<string, { schema?: unknown }>;
type Operation = { responses?: Record<string, { content?: MediaTypes }> };

/**
 * Holds responses against an OpenAPI document.
 *
 * @returns a function that says everything about a response that the document does not allow; nothing if it is fine
 */
export function createResponseCheck(document: ApiDocument): (response: ApiResponse) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'api' });
  return ({ method, path, status, contentType, body }) => {
    const operation = (document.paths as Paths | undefined)?.[path]?.[method.toLowerCase()];
    if (!operation) return [`${method} ${path} is not documented`];
    const response = operation.responses?.[String(status)];
    if (!response) return [`${method} ${path} → ${status} is not documented`];
    if (!response.content) return body === undefined ? [] : [`${method} ${path} → ${status} must have no body`];
    const mediaType = contentType.split(';', 1)[0] ?? '';
    if (!response.content[mediaType]) return [`${method} ${path} → ${status} is documented, but not as ${mediaType}`];
    const validate = ajv.getSchema(
      `api#${pointer(['paths', path, method.toLowerCase(), 'responses', String(status), 'content', mediaType, 'schema'])}`,
    );
    if (!validate) return [`${method} ${path} → ${status} has no schema`];
    if (validate(body)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '(whole)'} ${message}`);
  };
}

/** JSON pointer (RFC 6901) as a URI fragment. */
function pointer(keys: readonly string[]): string {
  return keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');
}
