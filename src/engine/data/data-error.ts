/** The one way data is refused: a StudioError whose four sentences stand in reading order at the place that throws it. */
import { type ErrorContext, StudioError } from '../errors.ts';

/** A failure of data the user gave: what happened, the measured cause, what to do. */
export function dataError(
  code: string,
  title: string,
  detail: string,
  hint: string,
  context?: ErrorContext,
  cause?: unknown,
): StudioError {
  return new StudioError(context === undefined ? { code, title, detail, hint } : { code, title, detail, hint, context }, cause);
}

/** The message of anything that was thrown: decoders throw Errors, strings and worse. */
export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
