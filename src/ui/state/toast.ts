/** One short notice at a time, with a way back where there is one. It stays long enough to be read and acted on. */
import { createStore } from 'zustand/vanilla';
import type { PlainKey } from '../i18n/translate.ts';
import { bind } from './use-store.ts';

export interface Toast {
  /** The text's key, or its words where it needs values: made anew in the language in view. */
  readonly key?: PlainKey;
  readonly words?: () => string;
  readonly undo?: () => void;
  /** What becomes true once the way back is gone. */
  readonly settle?: () => void;
}

export const toastStore = createStore<{ readonly toast: Toast | null }>()(() => ({ toast: null }));
export const useToast = bind(toastStore);

/** How long a notice stays, ms; twice the usual four seconds of reading, since undo must be reachable by keyboard. */
const stay = 8000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a notice in place of the one before, whose way back is gone with it. */
export function toast(next: Toast): void {
  dismissToast();
  toastStore.setState({ toast: next });
  timer = setTimeout(dismissToast, stay);
}

/** Takes the notice away; what it announced stands. */
export function dismissToast(): void {
  clearTimeout(timer);
  const { toast: shown } = toastStore.getState();
  toastStore.setState({ toast: null });
  shown?.settle?.();
}

/** Takes back what the notice announced. */
export function undoToast(): void {
  clearTimeout(timer);
  const { toast: shown } = toastStore.getState();
  toastStore.setState({ toast: null });
  shown?.undo?.();
}

/** Waits while the notice is under the pointer or has the focus. */
export function holdToast(held: boolean): void {
  clearTimeout(timer);
  if (!held && toastStore.getState().toast !== null) timer = setTimeout(dismissToast, stay / 2);
}
