/** What distillation of layers has beside its training: how much layers and answers count, and which layers are compared. */
import type * as v from 'valibot';
import { numberParam, textParam } from '../../params.ts';
import { trainingEntries } from '../../train/settings.ts';

/** Parameters of a step that imitates layers; `beta` is what their loss counts beside that of the answers. */
export function matchingEntries({ beta, most, step }: { readonly beta: number; readonly most: number; readonly step: number }) {
  return {
    beta: numberParam({ title: 'Weight of the layers', fallback: beta, min: 0, max: most, step }),
    alpha: numberParam({ title: "Weight of the original's answers", fallback: 0.9, min: 0, max: 1, step: 0.05 }),
    temperature: numberParam({ title: 'Temperature', fallback: 4, min: 1, max: 20, step: 0.5 }),
    pairs: textParam({ title: 'Layers (layer=layer of the teacher, …)', more: true }),
    ...trainingEntries({ epochs: 2, learningRate: 0.0005 }),
  };
}

export type MatchingParams = v.InferOutput<v.StrictObjectSchema<ReturnType<typeof matchingEntries>, undefined>>;
