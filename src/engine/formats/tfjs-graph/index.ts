/** The TF.js graph-model format: what `tf.loadGraphModel` loads, read and written with other weights. */
import type { Format } from '../../format.ts';
import { probeTfjsGraph, readTfjsGraph } from './read.ts';
import { expressedGraph, writeTfjsGraph } from './write.ts';

export const tfjsGraph: Format = {
  id: 'tfjs-graph',
  title: 'TF.js graph-model',
  extensions: ['.json', '.bin', '.zip'],
  holds: 'graphs',
  probe: probeTfjsGraph,
  read: readTfjsGraph,
  write: writeTfjsGraph,
  cannotExpress: (model) => expressedGraph(model).losses,
};
