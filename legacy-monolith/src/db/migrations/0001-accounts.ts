import { sql } from 'kysely';
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table users (
      id uuid primary key default gen_random_uuid(),
      email text not null unique check (email = lower(email) and length(email) between 3 and 254),
      password_hash text not null,
      zoneinfo text not null check (length(zoneinfo) between 1 and 64),
      created_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table user_roles (
      user_id uuid not null references users on delete cascade,
      role text not null check (role in ('tester', 'viewer', 'operator', 'admin')),
      primary key (user_id, role)
    )`.execute(db);
  await sql`
    create table signing_keys (
      kid text primary key,
      private_key text not null,
      created_at timestamptz not null,
      signs_from timestamptz not null unique,
      check (signs_from >= created_at)
    )`.execute(db);
}
