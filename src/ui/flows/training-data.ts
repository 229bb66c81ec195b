/** What a recipe that trains learns from: a sample has training data of its own; of the visitor's data the engine takes a part. */
import type { Preprocessing } from '../../engine/data/dataset.ts';
import type { DataHandle } from '../../workers/api.ts';
import { engine } from '../state/engine.ts';
import { session } from '../state/session.ts';
import { fetched } from './own-files.ts';

/** The training data of the sample that is open, by the handle of the data that it stands beside. */
let opened: { readonly beside: DataHandle; readonly handle: Promise<DataHandle> } | undefined;

/** Data to train on alone; null where there is none. */
export async function trainingData(): Promise<DataHandle | null> {
  const { card, data, dataFrom } = session.getState();
  const from = card?.data.train;
  if (data === null || from === undefined || dataFrom?.sample !== true) return null;
  if (opened?.beside !== data.handle) {
    const old = opened;
    opened = { beside: data.handle, handle: open(from, data.summary.preprocessing) };
    old?.handle.then((handle) => engine().closeData(handle)).catch(() => undefined);
  }
  try {
    return await opened.handle;
  } catch (thrown) {
    opened = undefined;
    throw thrown;
  }
}

async function open(
  { files, name }: { readonly files: readonly string[]; readonly name: string },
  preprocessing: Preprocessing,
): Promise<DataHandle> {
  const blobs = await Promise.all(files.map(fetched));
  return (await engine().openData(blobs, { model: null, name, preprocessing })).handle;
}
