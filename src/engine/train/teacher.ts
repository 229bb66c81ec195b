/** The answers that distillation imitates: a model's numbers before its last activation, each sample asked once where nothing changes it. */
import type { Model } from '../model/model.ts';
import { createPredictor } from '../runtime/executor.ts';
import { type Headless, headless, untrainable } from './graph.ts';

/** The most memory that kept answers may take, bytes. */
const memoryLimit = 2 ** 26;

export interface Teacher {
  /** Answers to some inputs, row-major [count, width]; `indices` name the samples where the inputs are just those. */
  answer(inputs: Float32Array, count: number, indices?: Uint32Array): Promise<Float32Array>;
  dispose(): void;
}

/** Loads a teacher for a student with `width` outputs. Throws TRAIN_MODEL where it answers in another form. */
export async function createTeacher(
  model: Model,
  student: Headless,
  options: { readonly inputShapes: readonly (readonly number[])[]; readonly width: number; readonly samples: number },
): Promise<Teacher> {
  const { width, samples, inputShapes } = options;
  const { graph, activation } = headless(model);
  if (activation !== student.activation) {
    throw untrainable(
      `Its teacher ends in ${activation}, the model itself in ${student.activation}: their answers can not be compared.`,
    );
  }
  const predictor = await createPredictor(graph, { inputShapes });
  const keeps = samples * width * 4 <= memoryLimit;
  const answers = new Float32Array(keeps ? samples * width : 0);
  const known = new Uint8Array(keeps ? samples : 0);
  return {
    async answer(inputs, count, indices) {
      const kept = (index: number) => answers.subarray(index * width, (index + 1) * width);
      const rows = new Float32Array(count * width);
      if (keeps && indices?.every((index) => known[index] === 1)) {
        indices.forEach((index, row) => {
          rows.set(kept(index), row * width);
        });
        return rows;
      }
      const [found = rows] = await predictor.predict([inputs], count);
      if (found.length !== rows.length)
        throw untrainable(`Its teacher gives ${found.length / count} numbers, the model ${width}.`);
      if (keeps) {
        indices?.forEach((index, row) => {
          kept(index).set(found.subarray(row * width, (row + 1) * width));
          known[index] = 1;
        });
      }
      return found.slice();
    },
    dispose: () => predictor.dispose(),
  };
}
