/**
 * What comlink does not carry by itself: AbortSignals (a port that says "abort" once) and StudioErrors (comlink keeps only
 * name, message and stack of what is thrown). Imported for its effect on both sides of the border.
 */
import { type TransferHandler, transferHandlers } from 'comlink';
import { StudioError, type StudioErrorFields } from '../engine/errors.ts';

const abortSignals: TransferHandler<AbortSignal, { readonly aborted: boolean; readonly port: MessagePort }> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize: (signal) => {
    const { port1, port2 } = new MessageChannel();
    signal.addEventListener('abort', () => port1.postMessage('abort'), { once: true });
    return [{ aborted: signal.aborted, port: port2 }, [port2]];
  },
  deserialize: ({ aborted, port }) => {
    const controller = new AbortController();
    if (aborted) controller.abort();
    port.onmessage = () => {
      controller.abort();
      port.close();
    };
    return controller.signal;
  },
};

interface Thrown {
  readonly value: unknown;
}

/** Wraps comlink's own handler for thrown values, which knows how to recognise them. */
function thrownValues(inner: TransferHandler<Thrown, unknown>): TransferHandler<Thrown, unknown> {
  return {
    canHandle: inner.canHandle,
    serialize: (thrown) =>
      thrown.value instanceof StudioError ? [{ studio: thrown.value.toJSON() }, []] : inner.serialize(thrown),
    deserialize: (wire) => {
      const { studio } = wire as { readonly studio?: StudioErrorFields };
      if (studio !== undefined) throw new StudioError(studio);
      return inner.deserialize(wire);
    },
  };
}

transferHandlers.set('abort-signal', abortSignals as TransferHandler<unknown, unknown>);
const thrown = transferHandlers.get('throw');
if (thrown !== undefined)
  transferHandlers.set('throw', thrownValues(thrown as TransferHandler<Thrown, unknown>) as TransferHandler<unknown, unknown>);
