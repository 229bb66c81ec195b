/**
 * What distillation imitates: a model's numbers before its last activation, and the outputs of some of its layers; each sample is asked
 * once where nothing changes it.
 */
import { concreteShape } from '../model/input-size.ts';
import { elementCount, type Model, type ValueId } from '../model/model.ts';
import { inferShapes } from '../model/topology.ts';
import { createPredictor } from '../runtime/executor.ts';
import { type Headless, headless, untrainable } from './graph.ts';

/** The most memory that kept answers may take, bytes. */
const memoryLimit = 2 ** 26;

export interface Lesson {
  /** Row-major [count, width]. */
  readonly answers: Float32Array;
  /** Outputs of the layers that were asked for, row-major [count, …]. */
  readonly layers: readonly Float32Array[];
}

export interface Teacher {
  /** The lesson of some inputs; `indices` name the samples where the inputs are just those. */
  teach(inputs: Float32Array, count: number, indices?: Uint32Array): Promise<Lesson>;
  dispose(): void;
}

/** A teacher up to what the loss works on. Throws TRAIN_MODEL where it takes or answers something else than its student. */
export function headlessTeacher(model: Model, student: Headless, shape: readonly number[], width: number): Headless {
  const teacher = headless(model);
  if (teacher.activation !== student.activation) {
    throw untrainable(
      `Its teacher ends in ${teacher.activation}, the model itself in ${student.activation}: their answers can not be compared.`,
    );
  }
  const [input] = teacher.graph.inputs;
  const takes = input?.shape ?? [];
  if (takes.length !== shape.length || takes.some((size, axis) => size !== null && size !== shape[axis]))
    throw untrainable(`Its teacher takes ${takes.join('×')} numbers, the model ${shape.join('×')}.`);
  const answers = elementCount((inferShapes(teacher.graph, [shape]).get(teacher.graph.outputs[0] ?? '') ?? []) as number[]);
  if (answers !== width) throw untrainable(`Its teacher gives ${answers} numbers, the model ${width}.`);
  return teacher;
}

/** Throws TRAIN_MODEL where a model can not teach another: what it takes or answers is something else. Sizes left open are told when it teaches. */
export function requireTeacher(student: Model, teacher: Model): void {
  const own = headless(student);
  const shape = concreteShape(own.graph.inputs[0] ?? { shape: [] }, teacher.inputs[0]?.shape.map((size) => size ?? 1) ?? null);
  const answers = (inferShapes(own.graph, [shape]).get(own.graph.outputs[0] ?? '') ?? []) as number[];
  headlessTeacher(teacher, own, shape, elementCount(answers));
}

/** Loads a teacher; `asked` are the layers whose outputs are wanted beside its answers. */
export async function createTeacher(
  { graph }: Headless,
  options: { readonly shape: readonly number[]; readonly samples: number; readonly asked: readonly ValueId[] },
): Promise<Teacher> {
  const { samples, shape, asked } = options;
  const wanted = [graph.outputs[0] ?? '', ...asked];
  const shapes = inferShapes(graph, [shape]);
  const widths = wanted.map((id) => elementCount((shapes.get(id) ?? []) as number[]));
  const predictor = await createPredictor({ ...graph, outputs: wanted }, { inputShapes: [shape] });
  const keeps = samples * widths.reduce((sum, width) => sum + width, 0) * 4 <= memoryLimit;
  const kept = widths.map((width) => new Float32Array(keeps ? samples * width : 0));
  const known = new Uint8Array(keeps ? samples : 0);
  const lessonOf = ([answers = new Float32Array(), ...layers]: readonly Float32Array[]): Lesson => ({ answers, layers });
  return {
    async teach(inputs, count, indices) {
      if (keeps && indices?.every((index) => known[index] === 1)) {
        return lessonOf(widths.map((width, which) => gathered(kept[which] as Float32Array, indices, width)));
      }
      const found = await predictor.predict([inputs], count);
      for (const [row, index] of keeps && indices ? indices.entries() : []) {
        known[index] = 1;
        for (const [which, width] of widths.entries())
          kept[which]?.set((found[which] as Float32Array).subarray(row * width, (row + 1) * width), index * width);
      }
      return lessonOf(found.map((values) => values.slice()));
    },
    dispose: () => predictor.dispose(),
  };
}

function gathered(all: Float32Array, indices: Uint32Array, width: number): Float32Array {
  const rows = new Float32Array(indices.length * width);
  for (const [row, index] of indices.entries()) rows.set(all.subarray(index * width, (index + 1) * width), row * width);
  return rows;
}
