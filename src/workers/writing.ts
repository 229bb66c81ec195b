/**
 * Writing results: what a format can't hold, what a file weighs, and the file itself, opened again and measured before it is handed over.
 * A file that computes with integers needs the ranges of what flows between layers: where no step of the recipe measured them,
 * they are calibrated here, on samples that the file is not measured on.
 */
import { transfer } from 'comlink';
import type { Format, OutputFile, TfliteKind } from '../engine/format.ts';
import {
  applyRecipe,
  type Context,
  concreteInputs,
  createPredictor,
  createRng,
  type Dataset,
  formatById,
  type Model,
  provisionalGrids,
  type Recipe,
  requireWritable,
  type StepNote,
  StudioError,
  splitIndices,
  verifyFiles,
  type WriteOptions,
  withActivations,
} from '../engine/index.ts';
import type { DataHandle, EngineApi, ExportTarget, ModelHandle, Weighed } from './api.ts';
import { measureDeployed } from './deployed.ts';
import type { Device } from './device.ts';
import { createReporter } from './progress.ts';
import { dataNamed, modelNamed, type Session } from './session.ts';
import { type NamedData, namedData, shareNamed } from './sharing.ts';

export interface WritingDesk {
  readonly calls: Pick<EngineApi, 'deploy' | 'weigh' | 'write'>;
}

/** What stands in a file: the model, and the samples that may judge it. */
interface Ready {
  readonly model: Model;
  readonly dataset: Dataset | null;
  /** True where `dataset` is all of the data. */
  readonly whole: boolean;
  readonly notes: readonly StepNote[];
}

interface Sources {
  readonly model: ModelHandle;
  readonly data: DataHandle | null;
  readonly training: DataHandle | null;
}

/** A recipe that only calibrates, with its usual settings: the bits of the activations apart. */
const calibration = (bits: 8 | 16): Recipe => ({ recipe: 1, seed: 7, steps: [{ use: 'quantize/static', bits }] });

export function formatNamed(id: string): Format {
  const format = formatById(id);
  if (format?.write !== undefined) return format;
  throw new StudioError({
    code: 'FORMAT_NO_WRITER',
    title: `The studio does not write "${id}".`,
    detail: format === undefined ? 'There is no such format.' : 'It only reads this format.',
    hint: 'Choose another format.',
  });
}

export function createWritingDesk(session: Session, device: Device): WritingDesk {
  const contextOf = (signal: AbortSignal, report: Context['report'] = () => {}): Context => ({
    signal,
    report,
    rng: createRng(0),
  });

  /** The model with ranges for what flows in it, where the target needs them. */
  async function ready(sources: Sources, target: ExportTarget, context: Context): Promise<Ready> {
    const state = modelNamed(session, sources.model);
    requireWritable(formatNamed(target.format), state.model);
    const source = namedData(session, sources.data);
    const plain = { model: state.model, dataset: state.measured ?? source?.dataset ?? null, whole: state.measured === undefined };
    if (!needsRanges(target, state.model)) return { ...plain, notes: [] };
    const recipe = calibration(bitsOf(target) ?? 8);
    const shared = shareNamed(recipe, source, namedData(session, sources.training));
    // What was trained on part of the data is calibrated on that part and judged by the rest.
    const learned = state.measured !== undefined && state.training !== undefined;
    const training = learned ? state.training : shared.training;
    const applied = await device.use(context.signal, () =>
      applyRecipe(state.model, recipe, { ...context, ...(training && { training }) }, state.cache),
    );
    const { model } = applied;
    if (learned) return { ...plain, model, notes: applied.notes };
    const whole = shared.measured === source?.dataset;
    return { model, dataset: shared.measured, whole, notes: [...shared.notes, ...applied.notes] };
  }

  const optionsOf = (target: ExportTarget, model: Model, dataset: Dataset | null): WriteOptions => ({
    precision: 'encoded',
    ...(target.tflite && { tflite: { ...target.tflite, inputShapes: concreteInputs(model, dataset) } }),
  });

  /** The file is made with ranges that mean nothing where it is calibrated when it is saved: it weighs the same, and the device stays free. */
  async function weighOne({ model: handle, data }: Sources, target: ExportTarget, context: Context): Promise<Weighed> {
    const { model } = modelNamed(session, handle);
    try {
      requireWritable(formatNamed(target.format), model);
      const bits = bitsOf(target);
      const provisional = bits !== null && data !== null && needsRanges(target, model);
      const made = provisional ? withActivations(model, provisionalGrids(model, bits)) : model;
      const format = formatNamed(target.format);
      const options = optionsOf(target, made, data === null ? null : dataNamed(session, data).dataset);
      const files = (await format.write?.(made, options, context)) ?? [];
      const losses = format.cannotExpress?.(made, options) ?? [];
      return { bytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0), losses };
    } catch (error) {
      if (error instanceof StudioError && !context.signal.aborted) return { refused: error.toJSON() };
      throw error;
    }
  }

  /** Opens what was written once more and measures it beside the model. */
  async function verified(
    { model, dataset, whole }: Ready,
    source: NamedData | null,
    target: ExportTarget,
    files: readonly OutputFile[],
    context: Context,
  ) {
    // What was trained or calibrated on a part of the data is measured on the rest, which no search was kept from.
    const parts = dataset && whole ? splitIndices(dataset) : null;
    const options = optionsOf(target, model, dataset);
    const { read } = formatNamed(target.format);
    const inputShapes = concreteInputs(model, dataset);
    const preprocessing = source?.preprocessing ?? 'raw';
    const job = { model, files, createPredictor, inputShapes, read, dataset, preprocessing, ...(parts && { test: parts.test }) };
    return verifyFiles(target.format, { ...job, options }, context);
  }

  /** What was written last, for whoever wants to see it run. */
  let last: (Ready & { readonly target: ExportTarget; readonly source: NamedData | null }) | null = null;

  /** The model that was written last as a .tflite file with floats in and out. */
  async function tfliteFile(kind: TfliteKind | undefined, context: Context): Promise<Uint8Array<ArrayBuffer>> {
    const model = last?.model;
    const target = { format: 'tflite', tflite: kind === undefined ? {} : { kind } };
    const files = model && (await formatNamed('tflite').write?.(model, optionsOf(target, model, last?.dataset ?? null), context));
    const file = files?.[0];
    if (file === undefined) throw nothingWritten();
    return file.bytes;
  }

  return {
    calls: {
      async deploy(onEvent, signal) {
        if (last === null) throw nothingWritten();
        const { model, dataset, source, target } = last;
        const context = contextOf(signal, createReporter(onEvent).report);
        const file = await tfliteFile(target.tflite?.kind, context);
        const yardstick = await tfliteFile('float32', context);
        const inputShapes = concreteInputs(model, dataset);
        const simulated = bitsOf(target) !== null ? model : withActivations(model, new Map());
        const job = {
          model: simulated,
          file,
          yardstick,
          inputShapes,
          dataset,
          preprocessing: source?.preprocessing ?? ('raw' as const),
        };
        return device.use(signal, () => measureDeployed(job, context));
      },
      async weigh(sources, targets, signal) {
        const weighed: Weighed[] = [];
        for (const target of targets) weighed.push(await weighOne(sources, target, contextOf(signal)));
        return weighed;
      },
      async write({ target, ...sources }, onEvent, signal) {
        const context = contextOf(signal, createReporter(onEvent).report);
        const made = await ready(sources, target, context);
        const { model, dataset, notes } = made;
        const format = formatNamed(target.format);
        const options = optionsOf(target, model, dataset);
        const files = (await format.write?.(model, options, context)) ?? [];
        const source = namedData(session, sources.data);
        const told = await device.use(signal, () => verified(made, source, target, files, context));
        last = { ...made, target, source };
        const written = { files, losses: format.cannotExpress?.(model, options) ?? [], notes, verified: told };
        return transfer(
          written,
          files.map(({ bytes }) => bytes.buffer),
        );
      },
    },
  };
}

/** What the target's activations are stored in; null where they are floats. */
const bitsOf = ({ tflite }: ExportTarget): 8 | 16 | null =>
  tflite?.kind === 'int8' ? 8 : tflite?.kind === 'int16x8' ? 16 : null;

/** True where ranges of activations have to be measured for the target. */
const needsRanges = (target: ExportTarget, { activations }: Model): boolean =>
  bitsOf(target) !== null && (activations?.size ?? 0) === 0;

const nothingWritten = (): StudioError =>
  new StudioError({
    code: 'DEPLOY_NOTHING',
    title: 'There is no .tflite file to run.',
    detail: 'Nothing was saved as .tflite since the engine started.',
    hint: 'Save the model as TFLite, then measure it.',
  });
