import type { AdminClient } from './admin-client.ts';

/** The terminal, as far as the command needs one. */
export type Io = {
  out: (text: string) => void;
  err: (text: string) => void;
  env: NodeJS.ProcessEnv;
  /** Whether standard output shows colours. */
  colour: boolean;
  /** How wide the terminal is now; absent where standard output is none, and nothing is fitted into it. */
  columns?: () => number;
  /** How high it is. */
  rows?: () => number;
  /** Asks whoever sits at the terminal, undefined if they give up; absent where nobody can be asked. */
  ask?: (question: string) => Promise<string | undefined>;
  /** From this call on, Ctrl-C does not end the process but aborts the signal. */
  interrupted?: () => AbortSignal;
};

/** What commands share. */
export type CommandContext = {
  io: Io;
  connect: () => Promise<AdminClient>;
  /** The value as JSON with `--json`, else the text. */
  print: (value: object, text: string) => void;
  isJson: () => boolean;
};
