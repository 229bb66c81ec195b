/** Values that an Embedding looks up rows by, and what they are made of: whole numbers that no rounding may touch. */
import type { Model, ValueId } from './model.ts';

/** The rows of the smallest table that each such value counts. */
export function rowNumbers({ nodes }: Pick<Model, 'nodes'>): ReadonlyMap<ValueId, number> {
  const rows = new Map<ValueId, number>();
  for (const { op, attrs, inputs, outputs } of nodes.toReversed()) {
    const own = op === 'Embedding' ? [Number(attrs.inputDim)] : outputs.flatMap((id) => rows.get(id) ?? []);
    if (own.length > 0) for (const id of inputs) rows.set(id, Math.min(rows.get(id) ?? Number.POSITIVE_INFINITY, ...own));
  }
  return rows;
}

/** By input of a model: how many rows its numbers choose from, null where they are real numbers. */
export function rowCounts({ inputs, nodes }: Pick<Model, 'inputs' | 'nodes'>): (number | null)[] {
  const rows = rowNumbers({ nodes });
  return inputs.map(({ value }) => rows.get(value) ?? null);
}
