/**
 * What is known of how a result does in each format: never a figure that was not measured for that very kind of file. A run speaks for the
 * formats that hold its result exactly, a saved file for itself, and LiteRT for what it ran; the nearest to the device wins.
 */
import type { Measured, Report } from '../../engine/report.ts';
import type { Weighed } from '../../workers/api.ts';
import type { ExportFormat } from './export-formats.ts';
import { qualityOf } from './figures.ts';

export type FigureSource = 'run' | 'file' | 'litert';

export interface Told {
  readonly measured: Measured;
  readonly from: FigureSource;
}

export interface FormatFigures {
  readonly quality?: Told & { readonly metric: string };
  readonly latency?: Told;
}

/** Losses that change no answer. */
const harmless: ReadonlySet<string> = new Set([
  'wide-codes',
  'unpacked-codes',
  'needs-litert',
  'needs-interpreter',
  'dense-zeros',
]);

/** What a run's report says of a format. */
export function figuresOfRun(format: ExportFormat, report: Report, weighed: Weighed | undefined): FormatFigures {
  if (weighed === undefined || 'refused' in weighed || weighed.losses.some(({ code }) => !harmless.has(code))) return {};
  if (!computesAlike(format, report)) return {};
  const latency = format === 'tfjs-layers' ? report.after['latency/median'] : undefined;
  return figuresFrom('run', report.after, latency);
}

export function figuresFrom(from: FigureSource, figures: Report['after'], latency?: Measured): FormatFigures {
  // A file's agreement is with its simulation, a run's with the original: only the latter says how good a result is.
  const found = qualityOf(figures);
  const metric = from === 'run' || found?.startsWith('accuracy/') ? found : undefined;
  const measured = metric === undefined ? undefined : figures[metric];
  return {
    ...(metric !== undefined && measured !== undefined && { quality: { metric, measured, from } }),
    ...(latency !== undefined && { latency: { measured: latency, from } }),
  };
}

/** Integers stand for a run whose activations had grids of their bits, floats for one without; dynamic rounds as no run does. */
function computesAlike(format: ExportFormat, { ranges = [] }: Report): boolean {
  if (format === 'tflite-dynamic') return false;
  const bits = format === 'tflite-int8' ? 8 : format === 'tflite-int16x8' ? 16 : null;
  return bits === null ? ranges.length === 0 : ranges.length > 0 && ranges.every((range) => range.bits === bits);
}

/** The later ones win. */
export const joined = (...all: readonly (FormatFigures | undefined)[]): FormatFigures => Object.assign({}, ...all);
