import { describe, expect, it } from 'vitest';
import { residualNet } from '../../../bench/nets.ts';
import { depthwiseNet, lenet5 } from '../../../scripts/samples/networks.ts';
import type { Model } from '../model/model.ts';
import { headless } from './graph.ts';
import { layerPairs } from './pairs.ts';

const [lenet, depthwise, residual] = [lenet5(), depthwiseNet(), residualNet()];
const side = (model: Model) => ({ graph: headless(model).graph, shape: model.inputs[0]?.shape as number[] });
const pairs = (student: Model, teacher: Model, given = '', kind: 'features' | 'attention' = 'features') =>
  layerPairs(kind, side(student), side(teacher), given).map((pair) => `${pair.student}=${pair.teacher}`);

describe('pairs of layers', () => {
  it('are the last at each size, the answer apart', () => {
    expect(pairs(lenet, lenet)).toEqual(['conv1=conv1', 'conv2=conv2', 'dense1=dense1']);
    expect(pairs(lenet, lenet, '', 'attention')).toEqual(['conv1=conv1', 'conv2=conv2']);
    expect(pairs(depthwise, depthwise)).toEqual(['block1_relu=block1_relu', 'block4_relu=block4_relu']);
    expect(pairs(residual, residual, '', 'attention')).toEqual(['activation_4=activation_4']);
  });

  it('are found by size where the nets are different ones', () => {
    const other = { ...lenet, nodes: lenet.nodes.map((node) => renamed(node)) };
    expect(pairs(lenet, { ...other, outputs: ['t_dense2'] }, '', 'attention')).toEqual(['conv1=t_conv1', 'conv2=t_conv2']);
  });

  it('are taken as given', () => {
    expect(pairs(lenet, lenet, 'conv2, dense1 = dense1')).toEqual(['conv2=conv2', 'dense1=dense1']);
  });

  it('are refused where they do not fit', () => {
    const refusal = (given: string, kind: 'features' | 'attention' = 'features', teacher = lenet) => {
      try {
        pairs(lenet, teacher, given, kind);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(refusal('conv3')).toMatchObject({ code: 'DISTILL_PAIRS', title: expect.stringContaining('"conv3"') });
    expect(refusal('conv1=conv2')).toMatchObject({ detail: 'One gives 24×24×20 numbers, the other 8×8×50.' });
    expect(refusal('dense1', 'attention')).toMatchObject({ code: 'DISTILL_PAIRS' });
    expect(refusal('', 'attention', depthwise)).toMatchObject({ code: 'DISTILL_PAIRS' });
  });
});

function renamed(node: Model['nodes'][number]): Model['nodes'][number] {
  const other = (id: string) => (id === 'input' ? id : `t_${id}`);
  return { ...node, name: other(node.name), inputs: node.inputs.map(other), outputs: node.outputs.map(other) };
}
