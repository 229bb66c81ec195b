/** Saving: what the format can't hold, how far writing is, and what was written and verified last. */
import { createStore } from 'zustand/vanilla';
import type { Loss } from '../../engine/format.ts';
import type { RunEvent, WrittenModel } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface Written extends WrittenModel {
  readonly format: string;
  /** The recipe it was made with; null for the repaired, uncompressed model. */
  readonly key: string | null;
  /** Base name of the downloads, `lenet5-nutshell`. */
  readonly name: string;
}

export interface ExportsState {
  readonly format: string;
  readonly losses: { readonly key: string; readonly list: readonly Loss[] } | null;
  readonly busy: { readonly event: RunEvent | null; readonly cancel: () => void } | null;
  readonly written: Written | null;
}

export const noExports: Omit<ExportsState, 'format'> = { losses: null, busy: null, written: null };

export const exportsStore = createStore<ExportsState>()(() => ({ format: 'tfjs-layers', ...noExports }));
export const useExports = bind(exportsStore);
