/** An input of the visitor's own, and what both models answer on it. */
import { createStore } from 'zustand/vanilla';
import type { LiveAnswers, OpenedData, OpenedModel, OwnInput } from '../../workers/api.ts';
import { bind } from './use-store.ts';

/** Ways to give an input. */
export type TrialMode = 'draw' | 'picture' | 'camera' | 'row';

export interface TrialState {
  readonly mode: TrialMode;
  readonly input: OwnInput | null;
  /** Answers on the input that was given last; null while there is none. */
  readonly answers: LiveAnswers | null;
}

export const noTrial: TrialState = { mode: 'draw', input: null, answers: null };

export const trialStore = createStore<TrialState>()(() => noTrial);
export const useTrial = bind(trialStore);

/** More fields than this nobody fills in. */
const mostFields = 64;

/** How an input can be given to this model with this data; nothing where it takes neither pictures nor a row of numbers. */
export function modesOf(data: OpenedData): readonly TrialMode[] {
  if (data.thumbnails.length > 0) return ['draw', 'picture', 'camera'];
  const [fields = 0, ...rest] = data.summary.sampleShape ?? [];
  return rest.length === 0 && fields > 0 && fields <= mostFields ? ['row'] : [];
}

/** How the data's pictures look: their size as the model sees them, whether they are grey, and whether ink is light on dark. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly grey: boolean;
  readonly dark: boolean;
}

export function lookOf(model: OpenedModel, data: OpenedData): Look {
  const [first] = data.thumbnails;
  let [sum, n] = [0, 0];
  for (const { pixels } of data.thumbnails) {
    for (let at = 0; at < pixels.length; at += 4) sum += pixels[at] ?? 0;
    n += pixels.length / 4;
  }
  const channels = model.summary.inputs[0]?.shape.at(2) ?? data.summary.sampleShape?.at(2) ?? 1;
  return { width: first?.width ?? 28, height: first?.height ?? 28, grey: channels === 1, dark: n > 0 && sum / n < 128 };
}
