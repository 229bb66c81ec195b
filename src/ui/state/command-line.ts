/** The recipe in view as a line for a shell: the same engine in Node, the same bytes. */
import type { Recipe } from '../../engine/recipe.ts';
import { imitates, wantsTrainingData } from '../../engine/techniques/trains.ts';
import type { DataSummary } from '../../workers/api.ts';
import type { Session } from './session.ts';

/** A word that a POSIX shell takes as it is. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Writes the recipe beside the model and runs it; files of the visitor's own are named as they were given. */
export function commandLine(recipe: Recipe, { card, modelFrom, data, dataFrom, model, teacher }: Session): string {
  const modelFiles = card === null ? paths(modelFrom?.files) : card.model.map((file) => `public/models/${card.id}/${file}`);
  const dataFiles =
    card !== null && dataFrom?.sample === true ? card.data.files.map((file) => `public/${file}`) : paths(dataFrom?.files);
  const measured = data === null ? [] : ['--data', ...dataFiles, ...feedWords(data.summary)];
  const own = card?.data.train;
  const learned =
    wantsTrainingData(recipe) && own !== undefined && dataFrom?.sample === true
      ? ['--train-data', ...own.files.map((file) => `public/${file}`)]
      : [];
  const out = `${model?.summary.name ?? 'model'}-nutshell`;
  const words = [
    'compress',
    ...modelFiles,
    '--recipe',
    'recipe.json',
    ...measured,
    ...learned,
    ...(modelFrom?.inputSize ? ['--input-size', modelFrom.inputSize.join('x')] : []),
    ...(teacher !== null && recipe.steps.some(imitates) ? ['--teacher', ...paths(teacher.files)] : []),
    '--to',
    model?.summary.format === 'tfjs-graph' ? 'tfjs-graph' : 'tfjs-layers',
    '--out',
    out,
  ];
  const write = `printf '%s\\n' ${quoted(JSON.stringify(recipe))} > recipe.json`;
  return `${write} && npm run -s nutshell -- ${words.map(quoted).join(' ')}`;
}

/** How the data is fed, what goes without saying left out. */
function feedWords({ preprocessing, fit, channels, order, classNames, outputs }: DataSummary): string[] {
  const names = outputs?.map((output, at) => (classNames[at] ?? output).replaceAll(',', '\\,'));
  return [
    ...['--preprocess', preprocessing],
    ...(fit === 'crop' ? ['--fit', fit] : []),
    ...(channels === 'bgr' ? ['--channels', channels] : []),
    ...(order?.by === 'chosen' || order?.by === 'guessed' ? ['--class-order', names.join(',')] : []),
  ];
}

const paths = (files: readonly { readonly path: string }[] = []): string[] => files.map(({ path }) => path);
