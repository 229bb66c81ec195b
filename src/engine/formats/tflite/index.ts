/** The TensorFlow Lite format, which phones and microcontrollers take. */
import type { Format } from '../../format.ts';
import { findTflite, readTflite } from './read.ts';
import { tfliteLosses } from './write/losses.ts';
import { writeTflite } from './write/write.ts';

export const tflite: Format = {
  id: 'tflite',
  title: 'TensorFlow Lite',
  extensions: ['.tflite'],
  probe: async (files) => ((await findTflite(files)).length > 0 ? 0.95 : 0),
  read: readTflite,
  write: writeTflite,
  cannotExpress: tfliteLosses,
};
