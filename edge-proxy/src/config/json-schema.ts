import { z } from 'zod';
import { routeFileSchema } from './route-file-schema.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The route file as JSON Schema (draft 2020-12), for editors. It says less than the edge checks: that names refer to
 * something, and how fields belong together, is beyond it.
 */
export function routeFileJsonSchema(): JsonSchema {
  return z.toJSONSchema(routeFileSchema, {
    io: 'input',
    override: ({ jsonSchema, path }) => {
      // Before ${NAME} is filled in, a value need not look like what it will be; keys are taken as they are.
      if (jsonSchema.pattern && !path.includes('propertyNames')) jsonSchema.pattern += '|\\$\\{\\w+';
    },
  });
}

/** What the schema says of a field, or undefined where it says nothing. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((parent, member) => parent && memberOf(parent, member), schema);
}

function memberOf(parent: JsonSchema, member: PropertyKey): JsonSchema | undefined {
  const { properties = {}, additionalProperties, items, anyOf = [] } = parent;
  const found = typeof member === 'number' ? items : (ownOf(properties, String(member)) ?? additionalProperties);
  if (typeof found === 'object' && !Array.isArray(found)) return found;
  return anyOf.map((choice) => memberOf(choice, member)).find((choice) => choice !== undefined);
}

function ownOf(properties: Record<string, unknown>, name: string): JsonSchema | undefined {
  return Object.hasOwn(properties, name) ? (properties[name] as JsonSchema) : undefined;
}
