/** The worker's entry: the engine behind comlink. */
import { expose } from 'comlink';
import { createEngine } from './engine.ts';
import './transfer.ts';

expose(createEngine());
