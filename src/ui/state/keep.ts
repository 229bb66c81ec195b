/** Whether this tab keeps its session on the device, and what lies there. The work itself is done in `keep/`, loaded after the first paint. */
import { createStore } from 'zustand/vanilla';
import { bind } from './use-store.ts';

/** A kept session in a line, as the storage menu lists it. */
export interface KeptLine {
  readonly id: string;
  /** The model's name. */
  readonly name: string;
  readonly runs: number;
  /** When it was last written, ms since 1970. */
  readonly saved: number;
}

export interface KeepState {
  /** `paused`: forgotten, until another model is opened. `off`: it can't be kept here; the problem in place `keep` says why. */
  readonly phase: 'starting' | 'restoring' | 'on' | 'paused' | 'off';
  /** True where another tab has the visitor's last session. */
  readonly second: boolean;
  /** Bytes kept by all sessions; null until asked. */
  readonly used: number | null;
  /** Sessions that are open in no tab, newest first. */
  readonly earlier: readonly KeptLine[];
}

export const keepStore = createStore<KeepState>()(() => ({ phase: 'starting', second: false, used: null, earlier: [] }));
export const useKeep = bind(keepStore);
