/** `nutshell compress`: a recipe applied, measured against the original, written and verified. */
import {
  type Context,
  type Environment,
  energyNote,
  energySource,
  type Figures,
  parseRecipe,
  presets,
  type Recipe,
  type Report,
  runRecipe,
} from '../engine/index.ts';
import type { Command } from './arguments.ts';
import { readJson } from './files.ts';
import { describeSaved, type Saved, save, writerFor } from './save.ts';
import { openSubject } from './subject.ts';
import { bytes, percent, type Result, table } from './text.ts';

const environment: Environment = { engine: 'nutshell', backend: 'wasm', agent: `Node ${process.version}`, isolated: false };

/** Runs a recipe, saves the result and reports both. */
export async function compress(command: Extract<Command, { command: 'compress' }>, context: Context): Promise<Result> {
  const writer = writerFor(command.to);
  const recipe = await recipeOf(command.recipe);
  const subject = await openSubject(command, context);
  const { model, report } = await runRecipe({ ...subject, recipe, environment, context });
  const saved = await save({ ...subject, model }, writer, command.out, context);
  const { before, after, paired, layers, notes } = report;
  return { json: { recipe, before, after, paired, layers, notes, ...saved }, text: wordsOf(report, saved) };
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

function wordsOf({ before, after, paired, layers, notes }: Report, saved: Saved): string {
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
    ...notes.map((note) => `note: ${note.layer ? `${note.layer}: ` : ''}${note.text}`),
    ...(after['energy/inference'] ? [`energy: ${energyNote} Source: ${energySource}.`] : []),
    ...describeSaved(saved),
  ].join('\n');
}
