/**
 * One kind of failure for the whole studio: what happened, why, and what to do.
 * Everything a person can cause (a bad file, data that does not fit, an impossible recipe) is a StudioError;
 * anything else that escapes the engine is a bug. `context` is plain JSON so that the error survives a worker border.
 */

/** Plain JSON details of a failure: layer names, shapes, byte counts. */
export type ErrorContext = Readonly<Record<string, unknown>>;

/** The parts of a StudioError, as they cross a worker border or reach a terminal. */
export interface StudioErrorFields {
  /** Stable, upper-case identifier such as `FORMAT_TRUNCATED`. */
  readonly code: string;
  /** What happened, one sentence. */
  readonly title: string;
  /** Why: the measured cause, with names, shapes and numbers. */
  readonly detail: string;
  /** What the user can do about it. */
  readonly hint: string;
  readonly context?: ErrorContext;
}

/** A failure a person can understand and act on. */
export class StudioError extends Error implements StudioErrorFields {
  override readonly name = 'StudioError';
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly hint: string;
  readonly context: ErrorContext;

  constructor(fields: StudioErrorFields, cause?: unknown) {
    super(`${fields.title} ${fields.detail}`, cause === undefined ? undefined : { cause });
    this.code = fields.code;
    this.title = fields.title;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.context = fields.context ?? {};
  }

  toJSON(): Required<StudioErrorFields> {
    return { code: this.code, title: this.title, detail: this.detail, hint: this.hint, context: this.context };
  }
}
