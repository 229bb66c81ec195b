/**
 * The border between the page and the engine: everything the page may ask of the worker, and the plain values that cross.
 * Weights and data stay in the worker; the page holds handles. Errors cross as StudioError fields (see transfer.ts).
 */

import type { AnswersView } from '../engine/analysis/answers.ts';
import type { ErrorPath } from '../engine/analysis/error-path.ts';
import type { OutputPictures } from '../engine/analysis/output-pictures.ts';
import type { PictureAnswers } from '../engine/analysis/picture-answers.ts';
import type { Progress, TrainingEvent } from '../engine/context.ts';
import type { ArchiveContent } from '../engine/data/archive-content.ts';
import type { ClassOrder } from '../engine/data/class-order.ts';
import type { ChannelOrder, Fit, Preprocessing } from '../engine/data/dataset.ts';
import type { PreprocessingScore } from '../engine/data/guess.ts';
import type { StudioErrorFields } from '../engine/errors.ts';
import type { Loss, OutputFile, TfliteOptions } from '../engine/format.ts';
import type { ClassAgreement } from '../engine/metrics/class-agreement.ts';
import type { Recipe } from '../engine/recipe.ts';
import type { Figures, Measured, Report } from '../engine/report.ts';
import type { Allocation, MeasuredGroup } from '../engine/search/allocate-channels.ts';
import type { SpeedResult } from '../engine/search/channel-speed.ts';
import type { ChannelCell, ChannelTable } from '../engine/search/channel-table.ts';
import type { SearchGoal, SearchPoint } from '../engine/search/point.ts';
import type { SearchResult } from '../engine/search/search.ts';
import type { DescribedGroups } from '../engine/structure/describe-groups.ts';
import type { ModelSummary } from '../engine/summary.ts';
import type { StepNote, StepResult } from '../engine/technique.ts';
import type { Verification } from '../engine/verify.ts';

export type ModelHandle = string & { readonly brand: 'model' };
export type DataHandle = string & { readonly brand: 'data' };

/** A dropped file: the blob is read in the worker, never in the page. */
export interface DroppedFile {
  readonly path: string;
  readonly blob: Blob;
}

export type { LayerSummary, ModelSummary } from '../engine/summary.ts';

export interface OpenedModel {
  readonly handle: ModelHandle;
  readonly summary: ModelSummary;
  /** Size figures of the original: `size/file`, `size/gzip`, `size/payload`. */
  readonly before: Figures;
}

/** How data is fed to a model. What is absent when data is opened is found; what is absent from a change stays. */
export interface Feed {
  readonly preprocessing?: Preprocessing;
  readonly fit?: Fit;
  readonly channels?: ChannelOrder;
  /** The model's output for each class of the data. */
  readonly order?: ClassOrder;
}

/** `auto`: tried again, with crop and channel order; `names`: as names and numbers speak for; `guess`: from the answers. */
export interface DataChange extends Omit<Feed, 'preprocessing' | 'order'> {
  readonly preprocessing?: Preprocessing | 'auto';
  readonly order?: ClassOrder | 'names' | 'guess';
}

/** A class as the data calls it. */
export interface ClassSummary {
  readonly name: string;
  readonly count: number;
  /** The model's output that stands for it. */
  readonly output: number;
}

export interface DataSummary {
  readonly name: string;
  readonly kind: 'images' | 'table' | 'tensors';
  readonly size: number;
  readonly sampleShape: readonly number[] | null;
  readonly task: 'classes' | 'values' | 'none';
  /** Names of the model's outputs, as far as the data or a labels file names them: what answers are called. */
  readonly classNames: readonly string[];
  /** Names of a table's features, in the order the model takes them; empty where they have none. */
  readonly featureNames: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly fit: Fit;
  readonly channels: ChannelOrder;
  /** What there is to choose: scalings that suit the input, whether a crop or the channel order makes a difference. */
  readonly choices: { readonly preprocessings: readonly Preprocessing[]; readonly fit: boolean; readonly channels: boolean };
  /** Empty where the data has no classes. */
  readonly classes: readonly ClassSummary[];
  /** What the model's outputs are called, else their numbers; empty without a model. */
  readonly outputs: readonly string[];
  readonly order: ClassOrder | null;
  /** The file that names the outputs. */
  readonly labelsFrom: string | null;
  readonly notes: readonly { readonly code: string; readonly text: string }[];
  /** How the preprocessing was chosen, for the page: correct answers per candidate on the labelled batch. */
  readonly guess: readonly PreprocessingScore[];
  readonly guessed: boolean;
}

export interface Thumbnail {
  /** RGBA, width × height × 4, exactly what the model sees mapped back to 0–255. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  readonly label: string;
}

export interface OpenedData {
  readonly handle: DataHandle;
  readonly summary: DataSummary;
  readonly thumbnails: readonly Thumbnail[];
}

export interface SampleCard {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly model: readonly string[];
  readonly data: {
    readonly files: readonly string[];
    readonly preprocessing: Preprocessing;
    readonly name: string;
    /** Data to train on, kept apart from what is measured. */
    readonly train?: { readonly files: readonly string[]; readonly name: string };
  };
  readonly licence: string;
  readonly origin: string;
  readonly baseline: { readonly metric: string; readonly correct: number; readonly n: number };
}

/** Figures under the thumb: exact payload, estimated gzip, per layer. Made without touching the weights. */
export interface Estimate {
  readonly figures: Figures;
  readonly layers: readonly { readonly name: string; readonly payload: number; readonly bits: number; readonly zeros: number }[];
  /** What the plan of the recipe has to say. */
  readonly notes: readonly StepNote[];
}

export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly original: readonly number[];
  readonly compressed: readonly number[];
  /** What the axis counts: values, or steps of each channel's own grid. */
  readonly axis: 'value' | 'steps';
  /** The values (or steps) the compressed tensor can take, where they are few (≤ 256). */
  readonly levels: readonly number[];
  /** One weight on its way: `value → code = round(value / step) → decoded`; absent where the tensor has no uniform grid. */
  readonly example?: { readonly value: number; readonly step: number; readonly code: number; readonly decoded: number };
}

/** Both models' answers on the same samples, row-major [samples, width]. */
export interface LiveAnswers {
  /** Positions of the samples in the data; empty for an input of one's own. */
  readonly indices: readonly number[];
  /** Numbers per answer: classes, or values. */
  readonly width: number;
  readonly before: Float32Array;
  readonly after: Float32Array;
  /** Class of each sample; absent where there is none. */
  readonly labels?: Int32Array;
  /** Values to be predicted, [samples, width]; absent where there are none. */
  readonly targets?: Float32Array;
  /** True where the result has learnt nothing yet, so that `after` are guesses. */
  readonly untaught?: true;
}

/** An input of one's own: a picture as RGBA pixels, or the numbers of a table row. */
export type OwnInput =
  | { readonly kind: 'picture'; readonly pixels: Uint8ClampedArray; readonly width: number; readonly height: number }
  | { readonly kind: 'row'; readonly values: readonly number[] };

export type { AnswersView, ErrorPath, OutputPictures, SearchGoal, SearchPoint, SearchResult };

/** A result to be compared with its original. */
export interface Comparison {
  readonly model: ModelHandle;
  /** Null: synthetic inputs. */
  readonly data: DataHandle | null;
  /** Data to train on alone, as the run was given it. */
  readonly training: DataHandle | null;
  readonly recipe: Recipe;
  /** The result where a run kept it; where it is null or was freed, the recipe is applied again. */
  readonly result: ModelHandle | null;
}

/** What chosen samples are: pictures as the model sees them, or the raw values of table rows; both empty for anything else. */
export interface ChosenSamples {
  readonly pictures: readonly Thumbnail[];
  readonly rows: readonly (readonly number[])[];
}

export interface RunResult {
  readonly handle: ModelHandle;
  readonly report: Report;
}

export interface RunEvent extends Progress {
  readonly elapsedMs: number;
  /** Undefined until it can be told. */
  readonly remainingMs?: number;
  /** Figures known so far: sizes first, then accuracy that sharpens batch by batch. */
  readonly partial?: Figures;
  /** While a step trains. */
  readonly training?: TrainingEvent;
}

/** A format to write, and for .tflite files what they compute with. */
export interface ExportTarget {
  readonly format: string;
  readonly tflite?: TfliteOptions;
}

/** What a file of a target would weigh and could not hold, or why there can't be one. */
export type Weighed = { readonly bytes: number; readonly losses: readonly Loss[] } | { readonly refused: StudioErrorFields };

export interface WrittenModel {
  readonly files: readonly OutputFile[];
  readonly losses: readonly Loss[];
  /** What was done for the file alone, such as calibration. */
  readonly notes: readonly StepNote[];
  /** The file just written, opened again and measured. */
  readonly verified: Verification;
}

/** What a .tflite file did in Google's interpreter, beside what the studio simulates. */
export interface Deployed {
  readonly samples: number;
  readonly synthetic: boolean;
  readonly simulated: Figures;
  /** Accuracy, agreement with the simulation, and the time of a sample. */
  readonly deployed: Figures;
  /** Simulation against deployment, class by class; empty where answers are no classes. */
  readonly classes: readonly ClassAgreement[];
  /** The time of a sample in a float32 file of the same model; null where it could not be told. */
  readonly yardstick: Measured | null;
}

/** A result, and the data that ranges are measured and files are judged on. */
export interface WriteSources {
  readonly model: ModelHandle;
  readonly data: DataHandle | null;
  readonly training: DataHandle | null;
}

export interface DeviceStatus {
  readonly backend: string;
  readonly adapter: string;
  readonly isolated: boolean;
  /** Backends that can be chosen here, with the batch time the probe measured. */
  readonly available: readonly {
    readonly backend: string;
    readonly software: boolean;
    readonly batchMs?: number;
    readonly reason?: string;
  }[];
  readonly choice: 'auto' | string;
}

/** A table of what groups of channels lose alone: what it is about, then a cell after the other. */
export type ChannelTableEvent =
  | ({ readonly kind: 'opened' } & Omit<ChannelTable, 'measure'>)
  | { readonly kind: 'cell'; readonly group: number; readonly cell: ChannelCell };

/** What a step that trained made, as it is kept over a reload. */
export interface TrainedStep {
  readonly key: string;
  readonly result: StepResult;
}

export interface EngineApi {
  open(
    files: readonly DroppedFile[],
    options: { readonly allowNonFinite?: boolean; readonly inputSize?: readonly number[]; readonly handle?: ModelHandle },
  ): Promise<OpenedModel>;
  /** Chooses what size a model that takes any is measured at; what was measured at another is forgotten. */
  chooseInputSize(model: ModelHandle, size: readonly number[]): Promise<OpenedModel>;
  /** Frees a model and all that was derived from it. */
  close(handle: ModelHandle): Promise<void>;
  /** Gives a model a teacher that distillation imitates in its place; no files: none. Throws as `open`, or TRAIN_MODEL where they do not fit. */
  teach(
    model: ModelHandle,
    files: readonly DroppedFile[],
  ): Promise<{ readonly name: string; readonly parameters: number } | null>;
  /** What each of some archives holds, told by the names in it. */
  archives(files: readonly DroppedFile[]): Promise<readonly ArchiveContent[]>;
  openData(
    files: readonly DroppedFile[],
    options: Feed & {
      readonly model: ModelHandle | null;
      readonly labelColumn?: string;
      readonly name?: string;
      readonly handle?: DataHandle;
    },
  ): Promise<OpenedData>;
  closeData(handle: DataHandle): Promise<void>;
  /** Changes how open data is fed; a failure leaves it as it was. */
  arrangeData(data: DataHandle, model: ModelHandle | null, change: DataChange): Promise<OpenedData>;
  estimate(model: ModelHandle, recipe: Recipe): Promise<Estimate>;
  /** True sizes of the recipe's result, without measuring accuracy or time: what follows when the thumb lets go. */
  measureSize(model: ModelHandle, recipe: Recipe, signal: AbortSignal): Promise<Estimate>;
  /** `training` is data to train on alone; without it a recipe that trains shares `data` out and measures on the rest. */
  run(
    job: {
      readonly model: ModelHandle;
      readonly data: DataHandle | null;
      readonly training: DataHandle | null;
      readonly recipe: Recipe;
    },
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<RunResult>;
  /** What the run that gave this result has trained, for keeping; none where it takes more than `limit` bytes. */
  trainedSteps(result: ModelHandle, limit: number): Promise<{ readonly bytes: number; readonly steps: readonly TrainedStep[] }>;
  /** Brings back what a recipe trained in an earlier visit, on the same data under its handles of now. */
  adoptTrained(
    job: {
      readonly model: ModelHandle;
      readonly data: DataHandle | null;
      readonly training: DataHandle | null;
      readonly recipe: Recipe;
    },
    steps: readonly TrainedStep[],
  ): Promise<void>;
  /** Ends the training that is going with the best weights so far; the run goes on with them. */
  stopTraining(): Promise<void>;
  /** Lets the training that is going rest between two batches, or go on. */
  pauseTraining(paused: boolean): Promise<void>;
  /**
   * Searches recipes that serve a goal, on the exploring part of the data (or on synthetic inputs): every tried point is told at once.
   * Cancelling resolves with what was found.
   */
  search(
    job: { readonly model: ModelHandle; readonly data: DataHandle | null; readonly goal: SearchGoal },
    onEvent: (event: RunEvent) => void,
    onPoint: (point: SearchPoint) => void,
    signal: AbortSignal,
  ): Promise<SearchResult>;
  /** Which channels of a model go together, and which of them a recipe removes. */
  channelGroups(model: ModelHandle, recipe: Recipe): Promise<DescribedGroups>;
  /**
   * What each group of channels loses alone, on the exploring part of the data or on synthetic inputs. Other work comes in between; what
   * was measured before is remembered. Tells nothing where the recipe removes no channels.
   */
  channelTable(
    job: {
      readonly model: ModelHandle;
      readonly data: DataHandle | null;
      readonly training: DataHandle | null;
      readonly recipe: Recipe;
    },
    onEvent: (event: ChannelTableEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Shares of the groups that save so much of the work, 0–1; null where the recipe removes no channels. */
  allocateChannels(
    model: ModelHandle,
    recipe: Recipe,
    table: readonly MeasuredGroup[],
    target: number,
  ): Promise<Allocation | null>;
  /** The ratio of a recipe's step with which the result is measured to be so many times as fast as the original. */
  channelSpeed(
    job: {
      readonly model: ModelHandle;
      readonly data: DataHandle | null;
      readonly recipe: Recipe;
      readonly step: number;
      readonly wanted: number;
    },
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<SpeedResult>;
  histogram(original: ModelHandle, recipe: Recipe, weight: string): Promise<Histogram>;
  write(
    job: WriteSources & { readonly target: ExportTarget },
    onEvent: (event: RunEvent) => void,
    signal: AbortSignal,
  ): Promise<WrittenModel>;
  /** Runs the .tflite file that was written last in LiteRT, with floats in and out. */
  deploy(onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<Deployed>;
  /** Files of a result in several targets, made only to be weighed. */
  weigh(sources: WriteSources, targets: readonly ExportTarget[], signal: AbortSignal): Promise<readonly Weighed[]>;
  /** Pictures (or nothing, for tables) of the samples that `live` answers, in its order. */
  liveThumbnails(model: ModelHandle, data: DataHandle, count: number): Promise<readonly Thumbnail[]>;
  /** The raw values of one sample: what a table row holds before it is scaled. Empty where samples differ in size. */
  rowOf(data: DataHandle, index: number): Promise<readonly number[]>;
  /** What the original and the recipe's result answer on up to `count` samples spread over the data: fast enough to follow a slider. */
  live(
    job: {
      readonly model: ModelHandle;
      readonly data: DataHandle;
      readonly recipe: Recipe;
      readonly count: number;
      /** The recipe's result, where a run has made it: then it is not made again. */
      readonly result?: ModelHandle;
    },
    signal: AbortSignal,
  ): Promise<LiveAnswers>;
  /** What both models answer on one input, scaled as the data is. */
  ask(
    job: { readonly model: ModelHandle; readonly data: DataHandle; readonly recipe: Recipe; readonly input: OwnInput },
    signal: AbortSignal,
  ): Promise<LiveAnswers>;
  /** Every layer's output in the original against the result, along the depth of the net, on a few samples. */
  errorPath(job: Comparison, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<ErrorPath>;
  /** The samples whose answer changed, worst first, and the view that suits the task; on all samples. */
  compareAnswers(job: Comparison, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<AnswersView>;
  /** Samples by their place among those that were compared. */
  samplesAt(job: Comparison, indices: readonly number[]): Promise<ChosenSamples>;
  /** What both models of pictures make of a few samples. */
  drawOutputs(
    job: Comparison & { readonly indices: readonly number[]; readonly view: Pick<PictureAnswers, 'peak' | 'against'> },
    signal: AbortSignal,
  ): Promise<readonly OutputPictures[]>;
  device(): Promise<DeviceStatus>;
  chooseBackend(choice: 'auto' | string, model: ModelHandle | null): Promise<DeviceStatus>;
  probeBackends(model: ModelHandle): Promise<DeviceStatus>;
}
