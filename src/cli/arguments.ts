/** The command line's grammar: four commands, parsed and checked before anything is opened. */
import { parseArgs } from 'node:util';
import {
  type ChannelOrder,
  channelOrders,
  type Fit,
  fits,
  largestSide,
  type Preprocessing,
  type PresetId,
  preprocessings,
  presets,
  StudioError,
  type TfliteOptions,
  tfliteIos,
  tfliteKinds,
} from '../engine/index.ts';
import { tfliteOptions, tfliteSwitches } from './tflite.ts';

export interface SizeOption {
  /** For models that leave sizes open: what figures are told for. */
  readonly inputSize?: readonly number[];
}

/** How data is fed to the model; what is absent is guessed, or read from the files. */
export interface FeedOptions extends SizeOption {
  readonly preprocess?: Preprocessing;
  readonly fit?: Fit;
  readonly channels?: ChannelOrder;
  /** A file with the names of the model's outputs. */
  readonly labels?: string;
  /** The names themselves, from output 0 on. */
  readonly classOrder?: readonly string[];
}

export type Command =
  | (SizeOption & { readonly command: 'inspect'; readonly files: readonly string[]; readonly json: boolean })
  | (FeedOptions & {
      readonly command: 'evaluate';
      readonly files: readonly string[];
      readonly data: readonly string[];
      readonly limit?: number;
      readonly json: boolean;
    })
  | (FeedOptions & {
      readonly command: 'compress';
      readonly files: readonly string[];
      /** A recipe file, or the id of a preset. */
      readonly recipe: { readonly file: string } | { readonly preset: PresetId };
      readonly data: readonly string[];
      /** What steps that train learn from; empty: a part of `data`. */
      readonly trainData: readonly string[];
      /** The model whose answers distillation imitates; empty: the one that is compressed. */
      readonly teacher: readonly string[];
      /** What settles the step that removes channels by measurement: a share of the work to save, or how many times as fast. */
      readonly channelTarget?: { readonly saving: number } | { readonly faster: number };
      readonly to: string;
      readonly tflite?: TfliteOptions;
      readonly out: string;
      readonly json: boolean;
    })
  | (FeedOptions & {
      readonly command: 'convert';
      readonly files: readonly string[];
      /** What an int8 .tflite file is calibrated on, and what the file is verified on. */
      readonly data: readonly string[];
      readonly to: string;
      readonly tflite?: TfliteOptions;
      readonly out: string;
      readonly json: boolean;
    })
  | { readonly command: 'help'; readonly json: false };

/** Printed by `help` and named in every usage error. */
export const usage = `nutshell inspect  FILES… [--input-size HxW] [--json]
nutshell evaluate FILES… --data DATA… [FEED] [--limit N] [--json]
nutshell compress FILES… --recipe R.json | --preset smallest-download|phone|microcontroller|keep-accuracy
                  [--data DATA…] [--train-data DATA…] [--teacher FILES…] [--share-out SAVING | --faster TIMES] [FEED]
                  --to FORMAT --out DIR [--json]
nutshell convert  FILES… [--data DATA…] [FEED] --to FORMAT --out DIR [--json]

FORMAT is tfjs-layers, keras, keras-h5, or tflite [--kind ${tfliteKinds.join('|')}] [--io ${tfliteIos.join('|')}] [--int4] [--any-batch] [--fused-lstm]:
integer kinds are calibrated on the data.

FILES and DATA are files, folders (read with all they contain) or .zip archives. Steps that train learn from --train-data; without it from
a part of --data, and what is measured is the other part. Steps of distill/* imitate the --teacher; without it the model itself.
A step "prune/channels" is settled by measurement: --share-out 0.5 saves half the multiply-accumulates where each group of channels alone
loses least, --faster 1.5 takes the least ratio that is so many times as fast here, one sample at a time. What is found stands in the result's recipe.
A model that takes inputs of any size is measured at that of the data, else at 224x224 (64 steps); --input-size chooses another.
FEED says how the data reaches the model; what is left out is found by trying, or read from the files:
  --preprocess ${preprocessings.join('|')}
  --input-size HxW   --fit ${fits.join('|')}   --channels ${channelOrders.join('|')}
  --labels FILE   --class-order NAME,NAME,…   the model's outputs, from the first on (a comma in a name: \\,)`;

const feed = ['preprocess', 'fit', 'channels', 'labels', 'class-order', 'input-size'] as const;

const allowed = {
  inspect: ['input-size', 'json'],
  evaluate: ['data', ...feed, 'limit', 'json'],
  compress: [
    'recipe',
    'preset',
    'data',
    'train-data',
    'teacher',
    'share-out',
    'faster',
    ...feed,
    'to',
    'kind',
    'io',
    ...tfliteSwitches,
    'out',
    'json',
  ],
  convert: ['data', ...feed, 'to', 'kind', 'io', ...tfliteSwitches, 'out', 'json'],
} as const;

const types = {
  data: 'string',
  'train-data': 'string',
  teacher: 'string',
  'share-out': 'string',
  faster: 'string',
  preprocess: 'string',
  fit: 'string',
  channels: 'string',
  labels: 'string',
  'class-order': 'string',
  'input-size': 'string',
  limit: 'string',
  recipe: 'string',
  preset: 'string',
  to: 'string',
  kind: 'string',
  io: 'string',
  int4: 'boolean',
  'any-batch': 'boolean',
  'fused-lstm': 'boolean',
  out: 'string',
  json: 'boolean',
} as const;

type Values = { readonly [name in keyof typeof types]?: string | boolean | readonly string[] };

/** Reads the arguments after the program's name. Throws CLI_USAGE with the reason and the grammar. */
export function parseCommand(args: readonly string[]): Command {
  const [word, ...rest] = args;
  const asksForHelp = args.includes('--help') || args.includes('-h');
  if (word === undefined || word === 'help' || asksForHelp) return { command: 'help', json: false };
  if (!(word in allowed)) throw usageError(`There is no command "${word}".`);
  const command = word as keyof typeof allowed;
  const { values, words } = readOptions(command, rest);
  const { files, data } = words;
  if (files.length === 0) throw usageError(`"${command}" needs at least one file, folder or archive of a model.`);
  const json = values.json === true;
  const feeding = feedOf(values);
  switch (command) {
    case 'inspect':
      return { command, files, json, ...sizeOf(values) };
    case 'evaluate': {
      if (data.length === 0) throw usageError('"evaluate" needs --data.');
      const limit = limitOf(values);
      return { command, files, data, json, ...feeding, ...(limit === undefined ? {} : { limit }) };
    }
    case 'compress': {
      const [recipe, to, out] = [recipeOf(values), needed(command, values, 'to'), needed(command, values, 'out')];
      const trainData = words['train-data'];
      const target = { to, ...tfliteOf(to, values), out, json };
      return {
        command,
        files,
        recipe,
        data,
        trainData,
        teacher: words.teacher,
        ...channelTargetOf(values),
        ...target,
        ...feeding,
      };
    }
    case 'convert': {
      const [to, out] = [needed(command, values, 'to'), needed(command, values, 'out')];
      return { command, files, data, to, ...tfliteOf(to, values), out, json, ...feeding };
    }
  }
}

/** True where `--json` was asked for, however wrong the rest is: errors follow the same contract. */
export function wantsJson(args: readonly string[]): boolean {
  return args.includes('--json');
}

const lists = ['data', 'train-data', 'teacher'] as const;

/** `--data`, `--train-data` and `--teacher` take every word up to the next option; all other words are the model's files. */
function readOptions(
  command: keyof typeof allowed,
  args: readonly string[],
): { values: Values; words: Record<'files' | (typeof lists)[number], string[]> } {
  const isList = (name: string): name is (typeof lists)[number] => lists.some((list) => list === name);
  const options = Object.fromEntries(allowed[command].map((name) => [name, { type: types[name], multiple: isList(name) }]));
  const { tokens, values } = attempt(() =>
    parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true }),
  );
  const words = { files: [] as string[], data: [] as string[], 'train-data': [] as string[], teacher: [] as string[] };
  let target = words.files;
  for (const token of tokens) {
    if (token.kind === 'option') target = isList(token.name) ? words[token.name] : words.files;
    if (token.kind === 'option' && isList(token.name) && token.value !== undefined) target.push(token.value);
    if (token.kind === 'positional') target.push(token.value);
    if (token.kind === 'option-terminator') target = words.files;
  }
  return { values: values as Values, words };
}

function attempt<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function needed(command: string, values: Values, name: keyof Values): string {
  const value = values[name];
  if (typeof value === 'string' && value !== '') return value;
  throw usageError(`"${command}" needs --${name}.`);
}

function tfliteOf(to: string, values: Values): { tflite?: TfliteOptions } {
  const tflite = tfliteOptions(to, values, usageError);
  return tflite === undefined ? {} : { tflite };
}

function feedOf(values: Values): FeedOptions {
  const preprocess = oneOf(values, 'preprocess', preprocessings);
  const fit = oneOf(values, 'fit', fits);
  const channels = oneOf(values, 'channels', channelOrders);
  const { labels, 'class-order': order } = values;
  if (labels !== undefined && order !== undefined) throw usageError('--labels and --class-order say the same: give one.');
  return {
    ...sizeOf(values),
    ...(preprocess && { preprocess }),
    ...(fit && { fit }),
    ...(channels && { channels }),
    ...(typeof labels === 'string' && { labels }),
    ...(typeof order === 'string' && { classOrder: splitNames(order) }),
  };
}

/** `224x224`, or one number for all that is open. */
function sizeOf({ 'input-size': size }: Values): SizeOption {
  if (size === undefined) return {};
  const sizes = String(size)
    .split(/[x×]/i)
    .map((side) => (/^\d+$/.test(side) ? Number(side) : Number.NaN));
  if (sizes.every((side) => side >= 1 && side <= largestSide)) return { inputSize: sizes };
  throw usageError(`--input-size is HxW in pixels, or a number of steps, up to ${largestSide}, not "${size}".`);
}

/** Names between commas; a comma of a name's own has a backslash before it. */
const splitNames = (text: string): string[] => text.split(/(?<!\\),/).map((name) => name.replaceAll('\\,', ',').trim());

function oneOf<const Word extends string>(values: Values, name: keyof Values, words: readonly Word[]): Word | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  const known = words.find((word) => word === value);
  if (known) return known;
  throw usageError(`--${name} is one of ${words.join(', ')}, not "${value}".`);
}

function recipeOf({ recipe, preset }: Values): { file: string } | { preset: PresetId } {
  if (recipe !== undefined && preset !== undefined) throw usageError('"compress" takes --recipe or --preset, not both.');
  if (preset === undefined) {
    if (recipe === undefined) throw usageError('"compress" needs --recipe or --preset.');
    return { file: String(recipe) };
  }
  const known = presets.find(({ id }) => id === preset);
  if (known) return { preset: known.id };
  throw usageError(`--preset is one of ${presets.map(({ id }) => id).join(', ')}, not "${preset}".`);
}

function channelTargetOf({
  'share-out': saving,
  faster,
}: Values): Pick<Extract<Command, { command: 'compress' }>, 'channelTarget'> {
  if (saving !== undefined && faster !== undefined) throw usageError('"compress" takes --share-out or --faster, not both.');
  if (saving !== undefined) {
    const share = Number(saving);
    if (share > 0 && share < 1) return { channelTarget: { saving: share } };
    throw usageError(`--share-out is a share of the work between 0 and 1, not "${saving}".`);
  }
  if (faster === undefined) return {};
  const times = Number(faster);
  if (times > 1 && Number.isFinite(times)) return { channelTarget: { faster: times } };
  throw usageError(`--faster is a number above 1, not "${faster}".`);
}

function limitOf(values: Values): number | undefined {
  if (values.limit === undefined) return undefined;
  const limit = Number(values.limit);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw usageError(`--limit is a whole number of samples above 0, not "${values.limit}".`);
}

function usageError(detail: string): StudioError {
  return new StudioError({ code: 'CLI_USAGE', title: 'This command line can not be run.', detail, hint: `Usage:\n${usage}` });
}
