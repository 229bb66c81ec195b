/**
 * Pictures in class folders (Keras' `image_dataset_from_directory`, Teachable Machine's data zip), of any size. The class is the folder a picture
 * stands in; classes are in numeric-aware order (2 before 10). Pictures stay compressed and are decoded per batch. They are dealt out
 * class by class in turn, so that the first hundred already hold every class and accuracy measured on them means something.
 */
import { checkpoint } from '../context.ts';
import { elementCount } from '../model/model.ts';
import { dataError } from './data-error.ts';
import type { Dataset } from './dataset.ts';
import { pictureShape, sameNumbers, shapeMismatch } from './fit.ts';
import { decodePicture, type PictureSize, pictureSize } from './picture-file.ts';
import type { DataReader, Part } from './reader.ts';
import { adaptChannels, resizeInto } from './resize.ts';
import { createMoments } from './statistics.ts';

interface Picture {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly size: PictureSize;
  readonly label: number;
}

export const pictureReader: DataReader = {
  id: 'pictures',
  title: 'Pictures in class folders',
  extensions: ['.png', '.jpg', '.jpeg', '.zip'],
  async read(parts, { name }, context) {
    const { chosen, classNames } = classify(parts);
    const pictures: Picture[] = [];
    for (const [index, { part, label }] of chosen.entries()) {
      await checkpoint(context);
      context.report({ stage: 'pictures', done: index, total: chosen.length });
      const bytes = await part.bytes();
      pictures.push({ path: part.path, bytes, size: pictureSize(bytes, part.path), label });
    }
    return pictureDataset(name, pictures, classNames);
  },
};

interface Classified {
  readonly chosen: readonly { readonly part: Part; readonly label: number }[];
  /** Empty where the pictures do not stand in at least two folders. */
  readonly classNames: readonly string[];
}

const naturally = new Intl.Collator('en', { numeric: true }).compare;

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
  return { chosen, classNames };
}

function pictureDataset(name: string, pictures: readonly Picture[], classNames: readonly string[]): Dataset {
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
    ...(classNames.length > 0 ? { labels: Int32Array.from(pictures, ({ label }) => label), classNames } : {}),
    async batch(start, count, shape) {
      const wanted = target(shape);
      if (!wanted) throw shapeMismatch(name, first ? shapeOf(first) : [], shape);
      const elements = elementCount(wanted);
      const result = new Float32Array(count * elements);
      for (let index = 0; index < count; index++) {
        const picture = pictures[start + index];
        if (!picture) continue;
        const raster = adaptChannels(decodePicture(picture.bytes, picture.path), wanted[2]);
        resizeInto(raster, wanted[0], wanted[1], result, index * elements);
      }
      return result;
    },
    statistics: () => {
      statistics ??= colourStatistics(pictures);
      return statistics;
    },
  };
}

/** Pictures that statistics rest on, and pixels after which no further one is added: a folder of photographs is not decoded whole. */
const statisticsPictures = 500;
const statisticsPixels = 2 ** 26;

/** Per channel over pictures spread over the data; grey where all are grey. */
async function colourStatistics(pictures: readonly Picture[]): ReturnType<Dataset['statistics']> {
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
    moments.add(adaptChannels(decodePicture(picture.bytes, picture.path), channels).values);
    pixels += picture.size.width * picture.size.height;
  }
  return moments.result();
}
