import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { describeWith } from '@fit/test-kit/components';
import type { Component } from '@fit/test-kit/components';
import pg from 'pg';
import type { DatabaseConfig } from '../../src/config/env.ts';
import { putDatabase } from './database-template.ts';
import type { DatabaseContent } from './database-template.ts';

/** A fresh database for one test file. */
export type TestDatabase = { config: DatabaseConfig; drop: () => Promise<void> };

export type DatabaseKind = {
  name: 'PGlite' | 'PostgreSQL';
  /** An empty one; where `content` is `seeded`, it may have already what a start makes of that. */
  create: (content?: DatabaseContent) => Promise<TestDatabase>;
};

export const pglite: DatabaseKind = {
  name: 'PGlite',
  create: async (content) => {
    const dataDir = await createDataDir(content);
    return {
      config: { kind: 'pglite', dataDir },
      drop: async () => await rm(dataDir, { recursive: true }),
    };
  },
};

/** A PostgreSQL server on which databases may be made, by the superuser's URL in `TEST_DATABASE_URL`. */
const postgres: Component<DatabaseKind> = {
  name: 'PostgreSQL',
  find: async () => {
    const url = process.env['TEST_DATABASE_URL'];
    if (!url) return { available: false, reason: 'TEST_DATABASE_URL is not set' };
    try {
      await asSuperuser(url, 'select 1');
      return { available: true, value: { name: 'PostgreSQL', create: () => createDatabase(url) } };
    } catch (error) {
      return { available: false, reason: `TEST_DATABASE_URL does not answer (${(error as Error).message})` };
    }
  },
};

/** A data folder of its own with a PGlite in it. */
export async function createDataDir(content: DatabaseContent = 'empty'): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'fit-monolith-'));
  await putDatabase(dataDir, content);
  return dataDir;
}

/** Runs one suite on PGlite and on PostgreSQL. To be awaited at the top level of a test file. */
export async function describeOnBothDatabases(title: string, suite: (kind: DatabaseKind) => void): Promise<void> {
  describe(`${title}, on PGlite`, () => suite(pglite));
  await describeWith(postgres, `${title}, on PostgreSQL`, suite);
}

/** A suite that only PostgreSQL can run. */
export async function describeOnPostgres(title: string, suite: (kind: DatabaseKind) => void): Promise<void> {
  await describeWith(postgres, title, suite);
}

async function createDatabase(url: string): Promise<TestDatabase> {
  const name = `fit_test_${randomUUID().replaceAll('-', '')}`;
  await asSuperuser(url, `create database ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return {
    config: { kind: 'postgres', url: own.href },
    drop: () => asSuperuser(url, `drop database ${name} with (force)`),
  };
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
