/**
 * Pictures of any size whose class is the folder they stand in (Keras' `image_dataset_from_directory`, Teachable Machine's data zip) or
 * the label that a table beside them gives. Classes are in numeric-aware order (2 before 10). Pictures stay where they are and are
 * decoded per batch. Those in folders are dealt out class by class in turn, so that the first hundred already hold every
 * class and accuracy measured on them means something; those of a table keep its order.
 */
import { checkpoint } from '../context.ts';
import { elementCount, type Note } from '../model/model.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { pictureShape, sameNumbers, shapeMismatch } from './fit.ts';
import { indexMissing, type PictureIndex, readPictureIndex } from './picture-index.ts';
import { createPictureSource, openPicture, type Picture, type PictureSource } from './picture-source.ts';
import type { DataReader, Part } from './reader.ts';
import { adaptChannels } from './resize.ts';
import { createMoments } from './statistics.ts';

export const pictureReader: DataReader = {
  id: 'pictures',
  title: 'Pictures in class folders or with a CSV index',
  extensions: ['.png', '.jpg', '.jpeg', '.zip', '.csv'],
  async read(parts, { name, ...options }, context) {
    const files = parts.filter(({ kind }) => kind === 'picture');
    const tables = parts.filter(({ kind, path }) => kind === 'text' && /\.(csv|tsv)$/i.test(path));
    const { chosen, classNames, notes } = choose(files, await readPictureIndex(tables, files, options));
    const pictures: Picture[] = [];
    for (const [index, { part }] of chosen.entries()) {
      await checkpoint(context);
      context.report({ stage: 'pictures', done: index, total: chosen.length });
      pictures.push(await openPicture(part));
    }
    const labels = classNames.length === 0 ? null : Int32Array.from(chosen, ({ label }) => label);
    return pictureDataset(name, pictures, { labels, classNames, notes });
  },
};

interface Classified {
  readonly chosen: readonly { readonly part: Part; readonly label: number }[];
  /** Empty where nothing says what the pictures show. */
  readonly classNames: readonly string[];
  readonly notes: readonly Note[];
}

const naturally = new Intl.Collator('en', { numeric: true }).compare;

/**
 * The index says it where it names all that is here: a part of its pictures is told by a note. One that names other pictures, and not
 * all of these, gives way to class folders, and a note says so.
 */
function choose(files: readonly Part[], index: PictureIndex | null): Classified {
  if (index === null) return classify(files);
  if (index.missing.length === 0 || leftOut(index, files) === 0) return indexed(index, files);
  const folders = classify(files);
  if (folders.classNames.length === 0) throw indexMissing(index);
  const text = `"${index.name}" names ${index.missing.length} pictures that are not here; the classes are those of the folders.`;
  return { ...folders, notes: [{ code: 'INDEX_INCOMPLETE', text }] };
}

/** How many pictures the index does not name. */
const leftOut = ({ rows }: PictureIndex, files: readonly Part[]): number =>
  files.length - new Set(rows.map(({ part }) => part)).size;

function indexed(index: PictureIndex, files: readonly Part[]): Classified {
  const { name, rows, labels, missing, named } = index;
  const classNames = [...labels].sort(naturally);
  const numbers = new Map(classNames.map((label, number) => [label, number]));
  const chosen = rows.map(({ part, label }) => ({ part, label: numbers.get(label ?? '') ?? 0 }));
  const notes: Note[] = [];
  const left = leftOut(index, files);
  if (left > 0) notes.push({ code: 'INDEX_LEFT_OUT', text: `${left} pictures that "${name}" does not name were left out.` });
  const here = `"${name}" names ${named} pictures, of which ${rows.length} are here: all figures are of these.`;
  if (missing.length > 0) notes.push({ code: 'INDEX_PART', text: here });
  return { chosen, classNames, notes };
}

/** Of several splits the one for testing is taken; then one class per folder name. */
function classify(parts: readonly Part[]): Classified {
  const placed = parts.map((part) => {
    const folders = part.path.split('/').slice(0, -1);
    return { part, folder: folders.at(-1) ?? '', parent: folders.at(-2)?.toLowerCase() ?? '' };
  });
  const test = placed.filter(({ parent }) => /^(test|testing|val|valid|validation)$/.test(parent));
  const used = test.length > 0 ? test : placed;
  const names = [...new Set(used.map(({ folder }) => folder))].sort(naturally);
  if (names.length > 1 && names[0] === '') {
    throw dataError(
      'DATA_CLASSES',
      'Some pictures stand in no class folder.',
      `"${used.find(({ folder }) => folder === '')?.part.path}" lies beside the folders ${names.slice(1, 20).join(', ')}.`,
      'Move every picture into the folder of its class.',
    );
  }
  const classNames = names.length > 1 ? names : [];
  const classes = names.map((name, label) =>
    used
      .filter(({ folder }) => folder === name)
      .map(({ part }) => ({ part, label }))
      .sort((a, b) => naturally(a.part.path, b.part.path)),
  );
  const longest = Math.max(...classes.map((members) => members.length));
  const chosen = Array.from({ length: longest }, (_, turn) => classes.flatMap((members) => members.slice(turn, turn + 1))).flat();
  return { chosen, classNames, notes: [] };
}

interface Answers {
  readonly labels: Int32Array | null;
  readonly classNames: readonly string[];
  readonly notes: readonly Note[];
}

/** A dataset over opened pictures; `source` reads and decodes them. */
export function pictureDataset(
  name: string,
  pictures: readonly Picture[],
  { labels, classNames, notes }: Answers,
  source: PictureSource = createPictureSource(pictures),
): Dataset {
  const [first] = pictures;
  const shapeOf = ({ size }: Picture): readonly number[] => [size.height, size.width, size.channels];
  const alike = first !== undefined && pictures.every((picture) => shapeOf(picture).join() === shapeOf(first).join());
  const sampleShape = alike ? shapeOf(first) : null;
  // A flat input takes pictures of its own size as they are.
  const target = (shape: readonly number[]): readonly [number, number, number] | null =>
    pictureShape(shape) ?? (sampleShape && sameNumbers(sampleShape, shape) ? pictureShape(sampleShape) : null);
  let statistics: ReturnType<Dataset['statistics']> | undefined;
  return {
    name,
    kind: 'images',
    size: pictures.length,
    sampleShape,
    ...(labels === null ? {} : { labels, classNames }),
    ...(notes.length === 0 ? {} : { notes }),
    async batch(start, count, shape, fit = 'squash') {
      const wanted = target(shape);
      if (!wanted) throw shapeMismatch(name, first ? shapeOf(first) : [], shape);
      const elements = elementCount(wanted);
      const result = new Float32Array(count * elements);
      for (let index = 0; index < Math.min(count, pictures.length - start); index++) {
        await source.sample(start + index, wanted, fit, result, index * elements);
      }
      return result;
    },
    statistics: () => {
      statistics ??= colourStatistics(pictures, source);
      return statistics;
    },
  };
}

/** Pictures that statistics rest on, and pixels after which no further one is added: a folder of photographs is not decoded whole. */
const statisticsPictures = 500;
const statisticsPixels = 2 ** 26;

/** Per channel over pictures spread over the data; grey where all are grey. */
async function colourStatistics(pictures: readonly Picture[], source: PictureSource): ReturnType<Dataset['statistics']> {
  const channels = pictures.every(({ size }) => size.channels === 1) ? 1 : 3;
  const moments = createMoments(channels);
  let pixels = 0;
  for (
    let index = 0;
    index < pictures.length && pixels < statisticsPixels;
    index += Math.ceil(pictures.length / statisticsPictures)
  ) {
    const picture = pictures[index];
    if (!picture) continue;
    moments.add(adaptChannels(await source.decode(index), channels).values);
    pixels += picture.size.width * picture.size.height;
  }
  return moments.result();
}
