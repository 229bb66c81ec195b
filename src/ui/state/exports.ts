/** Saving: what each format weighs and can't hold, how far writing is, and what was written and verified last. */
import { createStore } from 'zustand/vanilla';
import type { Deployed, RunEvent, Weighed, WrittenModel } from '../../workers/api.ts';
import type { ExportFormat, Ports, TfliteChoices } from './export-formats.ts';
import { type FormatFigures, joined } from './format-figures.ts';
import { bind } from './use-store.ts';

export interface Written extends WrittenModel {
  readonly format: ExportFormat;
  readonly ports: Ports;
  /** The recipe it was made with; null for the repaired, uncompressed model. */
  readonly key: string | null;
  /** Base name of the downloads, `lenet5-nutshell`. */
  readonly name: string;
}

export interface ExportsState extends TfliteChoices {
  readonly format: ExportFormat;
  /** Every format, weighed for the result of a recipe. */
  readonly weighed: { readonly key: string; readonly formats: ReadonlyMap<ExportFormat, Weighed> } | null;
  readonly busy: { readonly event: RunEvent | null; readonly cancel: () => void } | null;
  readonly written: Written | null;
  /** What saved files and LiteRT told of a recipe's result in a format, by `figuresKey`. */
  readonly known: ReadonlyMap<string, FormatFigures>;
  /** What the file written last did in LiteRT. */
  readonly deployed: { readonly written: Written; readonly value: Deployed } | null;
}

export const noExports: Omit<ExportsState, 'format' | keyof TfliteChoices> = {
  weighed: null,
  busy: null,
  written: null,
  deployed: null,
  known: new Map(),
};

const usual: TfliteChoices = { ports: 'float32', int4: false, anyBatch: false };

export const exportsStore = createStore<ExportsState>()(() => ({ format: 'tfjs-layers', ...usual, ...noExports }));
export const useExports = bind(exportsStore);

export const figuresKey = (key: string | null, format: ExportFormat): string => `${format} ${key ?? ''}`;

/** Keeps what was measured of a format; what was measured later wins. */
export function keepFigures(key: string | null, format: ExportFormat, figures: FormatFigures): void {
  exportsStore.setState(({ known }) => {
    const name = figuresKey(key, format);
    return { known: new Map(known).set(name, joined(known.get(name), figures)) };
  });
}
