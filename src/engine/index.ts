/** The engine's only door: what the worker, the command line and the benches may use. */
export { compareAnswers } from './analysis/answers.ts';
export { measureErrorPath } from './analysis/error-path.ts';
export { drawOutputs } from './analysis/output-pictures.ts';
export { type AnswerCache, createAnswerCache } from './answer-cache.ts';
export { applyRecipe, createRecipeCache, type RecipeCache } from './apply.ts';
export { provisionalGrids } from './calibration/provisional.ts';
export type { Context } from './context.ts';
export { taskOf } from './data/answers.ts';
export { archiveContent } from './data/archive-content.ts';
export { arrangeDataset } from './data/arrange.ts';
export { classesOf } from './data/class-order.ts';
export {
  type ChannelOrder,
  channelOrders,
  type Dataset,
  type Fit,
  fits,
  type Preprocessing,
  preprocessings,
} from './data/dataset.ts';
export { changesAspect, guessPreprocessing } from './data/guess.ts';
export { guessClassOrder } from './data/guess-order.ts';
export { openData } from './data/index.ts';
export { findLabels, type Labels } from './data/labels.ts';
export { isLabelsFile } from './data/labels-name.ts';
export { suits } from './data/preprocess.ts';
export { rasterInput } from './data/raster-input.ts';
export { classesToldApart, orderOf } from './data/setup.ts';
export { draw, splitDataset, splitIndices } from './data/split.ts';
export { thumbnails, thumbnailsAt } from './data/thumbnails.ts';
export { describeWeight } from './describe-weight.ts';
export { StudioError } from './errors.ts';
export { estimateRecipe } from './estimate.ts';
export { fileFigures } from './file-figures.ts';
export {
  type Format,
  type Loss,
  type OutputFile,
  type SourceFile,
  type TfliteOptions,
  tfliteIos,
  tfliteKinds,
  type WriteOptions,
} from './format.ts';
export { formatById, formats, openModel, requireWritable, weighingFormat } from './formats/index.ts';
export { sizesByLayer } from './layer-reports.ts';
export { createLive, type Live } from './live.ts';
export { createRng } from './math/rng.ts';
export { agreementByClass } from './metrics/class-agreement.ts';
export { energyNote, energySource } from './metrics/energy.ts';
export { evaluate } from './metrics/evaluate.ts';
export { summarizeLatency } from './metrics/latency.ts';
export { withActivations } from './model/activation-grid.ts';
export { largestSide, withInputSize } from './model/input-size.ts';
export type { Model } from './model/model.ts';
export { type PresetId, presets } from './presets.ts';
export { parseRecipe, type Recipe } from './recipe.ts';
export type { Environment, Figures, Measured, Report } from './report.ts';
export { concreteInputs, runRecipe } from './run.ts';
export {
  type BackendName,
  backendNames,
  configureBackends,
  currentBackend,
  isDeviceLoss,
  startBackend,
  startProcessor,
} from './runtime/backends.ts';
export { createPredictor } from './runtime/executor.ts';
export type { Predictor } from './runtime/predictor.ts';
export { describeDevice, type ProbedBackend, probeBackends } from './runtime/probe.ts';
export { allocateChannels } from './search/allocate-channels.ts';
export { shareOutChannels, speedUpByChannels } from './search/channel-recipe.ts';
export { findChannelSpeed } from './search/channel-speed.ts';
export { type ChannelCells, type ChannelTable, prepareChannelTable } from './search/channel-table.ts';
export { searchRecipes } from './search/search.ts';
export { channelShares } from './search/shares.ts';
export { sketchModel } from './sketch.ts';
export { describeGroups } from './structure/describe-groups.ts';
export { type ModelSummary, summarize } from './summary.ts';
export type { StepNote, TrainingCurve, WeightSketch } from './technique.ts';
export { createPause } from './train/pause.ts';
export { requireTeacher } from './train/teacher.ts';
export { type SharedData, shareData } from './train/training-data.ts';
export type { Verification } from './verify.ts';
export { verifyFiles } from './verify-files.ts';
