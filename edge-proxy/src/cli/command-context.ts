import type { AdminClient } from './admin-client.ts';

/** The terminal, as far as the command needs one. */
export type Io = {
  out: (text: string) => void;
  err: (text: string) => void;
  env: NodeJS.ProcessEnv;
  /** Whether standard output shows colours. */
  colour: boolean;
};

/** What commands share. */
export type CommandContext = {
  io: Io;
  connect: () => Promise<AdminClient>;
  /** The value as JSON with `--json`, else the text. */
  print: (value: object, text: string) => void;
};
