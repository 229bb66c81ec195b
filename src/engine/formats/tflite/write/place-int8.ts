/**
 * The kinds whose activations are integers too, of 8 bits or 16. Every operator that has an integer kernel, and grids for all that flows into it and out of it, computes
 * with integers; any other computes with floats between a DEQUANTIZE and a QUANTIZE, which is what the studio's executor does for it.
 * What an operator must share a grid with and does not is rescaled by a QUANTIZE.
 */
import type { ActivationGrid, GridSteps } from '../../../model/activation-grid.ts';
import type { ValueId } from '../../../model/model.ts';
import { floats, indices, state } from './constants.ts';
import type { FileGraph, FileOperator, FilePort, FileTensor } from './file-graph.ts';
import { flowGrids } from './flow-grids.ts';
import type { FlowTensor, Graph, GraphOperator, GraphPort, GraphTensor } from './graph.ts';
import { integerVector, weighted } from './integer-constants.ts';
import { requiredGrid, ruleOf, sameGrid } from './integer-kernels.ts';
import { floatTypeOf } from './place-float.ts';
import { notWritable } from './refusal.ts';

/** What goes into the file's model and comes out of it. */
export type PortType = 'float32' | 'int8' | 'uint8';

interface IntegerOptions {
  /** Of activations; weights have 8. */
  readonly bits: 8 | 16;
  readonly ports: PortType;
  readonly int4: boolean;
}

export interface IntegerPlan {
  readonly file: FileGraph;
  /** Layers that compute with floats. */
  readonly floatLayers: readonly string[];
}

/** What holds the codes of a grid. */
const typeOf = ({ high }: GridSteps) => (high > 127 ? 'INT16' : 'INT8');
const asGrid = ({ scale, zeroPoint }: GridSteps) => ({ scale: [scale], zeroPoint: [zeroPoint], axis: 0 });
/** The same grid counted from 0. */
const unsigned = ({ scale, zeroPoint }: GridSteps) => ({ scale: [scale], zeroPoint: [zeroPoint + 128], axis: 0 });

/** The file's graph. */
export function placeInt8(
  graph: Graph,
  activations: ReadonlyMap<ValueId, ActivationGrid>,
  options: IntegerOptions & { readonly anyBatch: boolean },
): IntegerPlan {
  const plan = new IntegerPlacement(graph, activations, options);
  const inputs = graph.inputs.map((port) => plan.input(port));
  for (const operator of graph.operators) plan.place(operator);
  const outputs = graph.outputs.map((port) => plan.output(port));
  const file = { name: graph.name, inputs, outputs, operators: plan.operators, anyBatch: options.anyBatch };
  return { file, floatLayers: [...plan.floatLayers] };
}

/** A tensor in its forms: as floats that were put in or computed, as codes on its grid, and what those codes stand for. */
interface Forms {
  raw?: FileTensor;
  codes?: FileTensor;
  rounded?: FileTensor;
}

class IntegerPlacement {
  readonly operators: FileOperator[] = [];
  readonly floatLayers = new Set<string>();
  private readonly grids: ReadonlyMap<FlowTensor, GridSteps>;
  private readonly bits: 8 | 16;
  private readonly ports: PortType;
  private readonly int4: boolean;
  private readonly forms = new Map<FlowTensor, Forms>();
  private readonly constants = new Map<GraphTensor, FileTensor>();
  private readonly rescaled = new Map<string, FileTensor>();

  constructor(graph: Graph, activations: ReadonlyMap<ValueId, ActivationGrid>, { bits, ports, int4 }: IntegerOptions) {
    this.grids = flowGrids(graph, activations, bits);
    this.bits = bits;
    this.ports = ports;
    this.int4 = int4;
  }

  input({ name, tensor }: GraphPort): FilePort {
    const forms = this.formsOf(tensor);
    const { shape } = tensor;
    if (this.ports === 'float32' || tensor.isIndex) forms.raw = { name: tensor.name, shape, type: floatTypeOf(tensor) };
    if (forms.raw !== undefined) return { name, tensor: forms.raw };
    const grid = this.gridOf(tensor);
    if (this.ports === 'int8') return { name, tensor: this.made(tensor, grid) };
    const outer: FileTensor = { name: tensor.name, shape, type: 'UINT8', grid: unsigned(grid) };
    forms.codes = this.convert('QUANTIZE', outer, { name: `${tensor.name}/int8`, shape, type: typeOf(grid), grid: asGrid(grid) });
    return { name, tensor: outer };
  }

  output({ name, tensor }: GraphPort): FilePort {
    if (this.ports === 'float32') return { name, tensor: this.asFloat(tensor) };
    const grid = this.gridOf(tensor);
    const inner = this.asInteger(tensor, grid);
    if (this.ports === 'int8') return { name, tensor: inner };
    const { shape } = tensor;
    return {
      name,
      tensor: this.convert('QUANTIZE', inner, { name: `${tensor.name}/uint8`, shape, type: 'UINT8', grid: unsigned(grid) }),
    };
  }

  place(operator: GraphOperator): void {
    const { code, inputs, output, options, layer } = operator;
    const rule = ruleOf(code, this.bits);
    const grid = this.grids.get(output);
    const gridded = inputs.every((tensor) => tensor?.kind !== 'flow' || this.grids.has(tensor));
    if (rule === undefined || grid === undefined || !gridded || operator.floats) {
      this.floatLayers.add(layer);
      const floatInputs = inputs.map((tensor) => (tensor === null ? null : this.floatInput(tensor)));
      this.operators.push({ code, inputs: floatInputs, output: this.raw(output), options });
      return;
    }
    const own = requiredGrid(rule, this.bits) ?? grid;
    const wanted = rule === 'shared' ? own : null;
    const all = rule === 'weighted' ? this.weightedInputs(operator) : inputs.map((tensor) => this.integerInput(tensor, wanted));
    if (sameGrid(own, grid)) {
      this.operators.push({ code, inputs: all, output: this.made(output, grid), options });
      return;
    }
    const inner: FileTensor = { name: `${output.name}/fixed`, shape: output.shape, type: typeOf(own), grid: asGrid(own) };
    this.operators.push({ code, inputs: all, output: inner, options });
    this.convert('QUANTIZE', inner, this.made(output, grid));
  }

  private weightedInputs({ inputs }: GraphOperator): (FileTensor | null)[] {
    const input = inputs.find((tensor) => tensor?.kind === 'flow');
    const kernel = inputs.find((tensor) => tensor?.kind === 'kernel');
    const bias = inputs.find((tensor) => tensor?.kind === 'vector') ?? null;
    if (input === undefined || kernel === undefined) throw new Error('A weighted operator has an input and a kernel.');
    const written = weighted(kernel, bias, this.gridOf(input), this.int4);
    return inputs.map((tensor) => {
      if (tensor === kernel) return written.kernel;
      return tensor !== null && tensor === bias ? written.bias : this.integerInput(tensor, null);
    });
  }

  private integerInput(tensor: GraphTensor | null, wanted: GridSteps | null): FileTensor | null {
    switch (tensor?.kind) {
      case 'flow':
        return this.asInteger(tensor, wanted ?? this.gridOf(tensor));
      case 'vector':
        return integerVector(tensor, wanted);
      case 'index':
        return indices(tensor);
      default:
        return null;
    }
  }

  private floatInput(tensor: GraphTensor): FileTensor {
    if (tensor.kind === 'flow') return this.asFloat(tensor);
    if (tensor.kind === 'index') return indices(tensor);
    if (tensor.kind === 'state') return state(tensor);
    // The steps of a recurrent layer share their constants.
    const stored = this.constants.get(tensor) ?? floats(tensor);
    this.constants.set(tensor, stored);
    return stored;
  }

  private gridOf(tensor: FlowTensor): GridSteps {
    const grid = this.grids.get(tensor);
    if (grid !== undefined) return grid;
    throw notWritable(tensor.name, 'its values have no grid', 'Calibrate the model, or let inputs and outputs be float32.');
  }

  private formsOf(tensor: FlowTensor): Forms {
    const forms = this.forms.get(tensor) ?? {};
    this.forms.set(tensor, forms);
    return forms;
  }

  /** What an operator that computes with floats makes. */
  private raw(tensor: FlowTensor): FileTensor {
    const forms = this.formsOf(tensor);
    const name = this.grids.has(tensor) ? `${tensor.name}/float` : tensor.name;
    forms.raw ??= { name, shape: tensor.shape, type: floatTypeOf(tensor) };
    return forms.raw;
  }

  /** What an operator that computes with integers makes. */
  private made(tensor: FlowTensor, grid: GridSteps): FileTensor {
    const forms = this.formsOf(tensor);
    const name = forms.raw?.name === tensor.name ? `${tensor.name}/int8` : tensor.name;
    forms.codes ??= { name, shape: tensor.shape, type: typeOf(grid), grid: asGrid(grid) };
    return forms.codes;
  }

  /** The tensor as floats: what its codes stand for, where it has a grid. */
  private asFloat(tensor: FlowTensor): FileTensor {
    const grid = this.grids.get(tensor);
    if (grid === undefined) return this.raw(tensor);
    const forms = this.formsOf(tensor);
    const { shape } = tensor;
    forms.rounded ??= this.convert('DEQUANTIZE', this.asInteger(tensor, grid), {
      name: `${tensor.name}/float32`,
      shape,
      type: 'FLOAT32',
    });
    return forms.rounded;
  }

  private asInteger(tensor: FlowTensor, wanted: GridSteps): FileTensor {
    const grid = this.gridOf(tensor);
    const { codes } = this.formsOf(tensor);
    const integer = codes ?? this.convert('QUANTIZE', this.raw(tensor), this.made(tensor, grid));
    return sameGrid(grid, wanted) ? integer : this.onGrid(integer, wanted);
  }

  private onGrid(integer: FileTensor, wanted: GridSteps): FileTensor {
    const name = `${integer.name}/${wanted.scale},${wanted.zeroPoint}`;
    const known = this.rescaled.get(name);
    if (known !== undefined) return known;
    const rescaled = this.convert('QUANTIZE', integer, {
      name,
      shape: integer.shape,
      type: typeOf(wanted),
      grid: asGrid(wanted),
    });
    this.rescaled.set(name, rescaled);
    return rescaled;
  }

  private convert(code: 'QUANTIZE' | 'DEQUANTIZE', input: FileTensor, output: FileTensor): FileTensor {
    const options = { table: code === 'QUANTIZE' ? 'QuantizeOptions' : 'DequantizeOptions' } as const;
    this.operators.push({ code, inputs: [input], output, options });
    return output;
  }
}
