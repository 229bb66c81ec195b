/** The TF.js layers-model format: what `tf.loadLayersModel` loads, read and written. */
import type { Format } from '../../format.ts';
import { probeTfjsLayers, readTfjsLayers } from './read.ts';
import { cannotExpress, writeTfjsLayers } from './write.ts';

export const tfjsLayers: Format = {
  id: 'tfjs-layers',
  title: 'TF.js layers-model',
  extensions: ['.json', '.bin', '.zip'],
  probe: probeTfjsLayers,
  read: readTfjsLayers,
  write: writeTfjsLayers,
  cannotExpress,
};
