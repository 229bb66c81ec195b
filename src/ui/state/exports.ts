/** Saving: what each format weighs and can't hold, how far writing is, and what was written and verified last. */
import { createStore } from 'zustand/vanilla';
import type { Deployed, RunEvent, Weighed, WrittenModel } from '../../workers/api.ts';
import type { ExportFormat, Ports } from './export-formats.ts';
import { bind } from './use-store.ts';

export interface Written extends WrittenModel {
  readonly format: ExportFormat;
  readonly ports: Ports;
  /** The recipe it was made with; null for the repaired, uncompressed model. */
  readonly key: string | null;
  /** Base name of the downloads, `lenet5-nutshell`. */
  readonly name: string;
}

export interface ExportsState {
  readonly format: ExportFormat;
  /** What goes into an int8 file and comes out of it. */
  readonly ports: Ports;
  /** Every format, weighed for the result of a recipe. */
  readonly weighed: { readonly key: string; readonly formats: ReadonlyMap<ExportFormat, Weighed> } | null;
  readonly busy: { readonly event: RunEvent | null; readonly cancel: () => void } | null;
  readonly written: Written | null;
  /** What the file written last did in LiteRT. */
  readonly deployed: { readonly written: Written; readonly value: Deployed } | null;
}

export const noExports: Omit<ExportsState, 'format' | 'ports'> = { weighed: null, busy: null, written: null, deployed: null };

export const exportsStore = createStore<ExportsState>()(() => ({ format: 'tfjs-layers', ports: 'float32', ...noExports }));
export const useExports = bind(exportsStore);
