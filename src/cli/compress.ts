/** `nutshell compress`: a recipe applied, measured against the original, written and verified. */
import {
  type Context,
  currentBackend,
  type Environment,
  energyNote,
  energySource,
  type Figures,
  openModel,
  parseRecipe,
  presets,
  type Recipe,
  type Report,
  requireWritable,
  runRecipe,
  type TrainingCurve,
} from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { settleChannels } from './channels.ts';
import { readJson, sourceFiles } from './files.ts';
import { describeSaved, type Saved, save, writerFor } from './save.ts';
import { openSubject, sharedData } from './subject.ts';
import { bytes, percent, type Result, table } from './text.ts';
import { requireCalibration, withCalibration } from './tflite.ts';

/** Runs a recipe, saves the result and reports both. */
export async function compress(command: Extract<Command, { command: 'compress' }>, context: Context): Promise<Result> {
  const writer = writerFor(command.to);
  const { tflite } = command;
  requireCalibration(tflite, [...command.data, ...command.trainData]);
  const asked = withCalibration(await recipeOf(command.recipe), tflite);
  const subject = await openSubject(command, context);
  requireWritable(writer, subject.model);
  const { training, measured, notes: shares } = await sharedData(subject, asked, command.trainData, context);
  const { recipe, notes: settled } = await settleChannels(asked, command.channelTarget, subject, training, context);
  const teacher = command.teacher.length === 0 ? undefined : await openModel(await sourceFiles(command.teacher), {}, context);
  const agent = `Node ${process.version}`;
  const environment: Environment = { engine: 'nutshell', backend: currentBackend(), agent, isolated: false };
  const { model, report } = await runRecipe({
    ...subject,
    dataset: measured,
    recipe,
    environment,
    context: { ...context, ...(training ? { training } : {}), ...(teacher ? { teacher } : {}) },
  });
  const saved = await save(
    { ...subject, dataset: measured, whole: measured === subject.dataset, model, tflite },
    writer,
    command.out,
    context,
  );
  const { before, after, paired, layers, training: curves } = report;
  const notes = [...shares, ...settled, ...report.notes];
  const json = { recipe, before, after, paired, layers, notes, ...(curves ? { training: curves } : {}), ...saved };
  return { json, text: wordsOf({ ...report, notes }, saved) };
}

async function recipeOf(named: Extract<Command, { command: 'compress' }>['recipe']): Promise<Recipe> {
  if ('file' in named) return parseRecipe(await readJson(named.file));
  return parseRecipe(presets.find(({ id }) => id === named.preset)?.recipe);
}

const shown: readonly (readonly [metric: string, title: string, format: (value: number) => string])[] = [
  ['size/gzip', 'size, gzipped', bytes],
  ['size/file', 'size of the files', bytes],
  ['accuracy/top1', 'right answers', percent],
  ['accuracy/mae', 'mean absolute error', (value) => value.toPrecision(4)],
  ['latency/median', 'time per sample', (value) => `${value.toPrecision(3)} ms`],
  ['energy/inference', 'energy per sample, estimated', (value) => `${value.toPrecision(3)} µJ`],
];

function curveInWords({ technique, epochs, losses, validation, metric, best, seconds }: TrainingCurve): string {
  const score = validation[best];
  const told =
    score === undefined
      ? ''
      : `, ${metric === 'accuracy' ? `${percent(score)} right` : `loss ${score.toPrecision(4)}`} on validation samples`;
  return `${technique}: ${epochs} epochs in ${seconds.toFixed(1)} s, loss ${losses.map((loss) => loss.toPrecision(3)).join(', ')}; kept epoch ${best}${told}`;
}

function wordsOf({ before, after, paired, layers, notes, training = [] }: Report, saved: Saved): string {
  const cell = (figures: Figures, metric: string, format: (value: number) => string): string => {
    const figure = figures[metric];
    return figure === undefined ? '' : format(figure.value);
  };
  const figures = shown
    .filter(([metric]) => before[metric] ?? after[metric])
    .map(([metric, title, format]) => [title, cell(before, metric, format), cell(after, metric, format)]);
  const rows = layers
    .filter((layer) => layer.parameters > 0)
    .map((layer) => [layer.name, layer.op, layer.stored, bytes(layer.payloadBefore), bytes(layer.payloadAfter)]);
  return [
    table(['', 'before', 'after'], figures),
    ...Object.values(paired).map((pair) => pair.text),
    '',
    table(['layer', 'kind', 'stored as', 'before', 'after'], rows),
    '',
    ...training.map(curveInWords),
    ...notes.map((note) => `note: ${note.layer ? `${note.layer}: ` : ''}${note.text}`),
    ...(after['energy/inference'] ? [`energy: ${energyNote} Source: ${energySource}.`] : []),
    ...describeSaved(saved),
  ].join('\n');
}
