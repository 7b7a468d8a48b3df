/** A reason not to start that whoever starts the process can mend: its message is shown alone, without a stack. */
export class StartError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
