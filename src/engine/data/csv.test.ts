import { describe, expect, it } from 'vitest';
import { createRng } from '../math/rng.ts';
import type { Dataset } from './dataset.ts';
import { openData } from './index.ts';
import { memoryFile } from './reader.ts';

const context = { signal: new AbortController().signal, report: () => {}, rng: createRng(1) };

function open(text: string, labelColumn?: string): Promise<Dataset> {
  const file = memoryFile('table.csv', new TextEncoder().encode(text));
  return openData([file], labelColumn === undefined ? {} : { labelColumn }, context);
}

describe('CSV', () => {
  it('takes a text column as classes, in natural order', async () => {
    const data = await open('a,b,kind\n1,2,class 10\n3,4,class 2\n5,6,class 2\n7,8,class 10\n');
    expect(data.classNames).toEqual(['class 2', 'class 10']);
    expect([...(data.labels ?? [])]).toEqual([1, 0, 0, 1]);
    expect([...(await data.batch(1, 2, [2]))]).toEqual([3, 4, 5, 6]);
  });

  it('reads scikit-learn’s first line', async () => {
    const data = await open('3,2,setosa,virginica\n5.1,3.5,0\n4.9,3.0,1\n4.7,3.2,1\n');
    expect([data.size, data.sampleShape, data.classNames]).toEqual([3, [2], ['setosa', 'virginica']]);
    expect([...(data.labels ?? [])]).toEqual([0, 1, 1]);
  });

  it('needs no header and knows semicolons, quotes and a byte order mark', async () => {
    const data = await open('\uFEFF1;2;"yes"\r\n3;4;"no"\r\n5;6;"yes"\r\n7;8;"no"\r\n');
    expect([data.size, data.sampleShape, data.classNames]).toEqual([4, [2], ['no', 'yes']]);
  });

  it('prefers a telling name, and the column asked for to all', async () => {
    const text = 'label,p,q\n3,0.5,7\n1,0.25,9\n';
    expect([...((await open(text)).labels ?? [])]).toEqual([3, 1]);
    expect([...((await open(text, 'Q')).labels ?? [])]).toEqual([7, 9]);
    const valued = await open(text, '2');
    expect([valued.labels, [...(valued.targets ?? [])]]).toEqual([undefined, [0.5, 0.25]]);
    await expect(open(text, 'z')).rejects.toThrow(/Its columns are "label", "p", "q"/);
  });

  it('takes the first column where the last one says nothing', async () => {
    const data = await open('5,12,0\n0,13,0\n4,14,0\n');
    expect([...(data.labels ?? [])]).toEqual([5, 0, 4]);
  });

  it('leaves out a running number', async () => {
    const data = await open('Id,width,Species\n1,0.5,a\n2,0.7,b\n3,0.9,a\n4,0.9,b\n');
    expect([data.sampleShape, data.classNames]).toEqual([[1], ['a', 'b']]);
  });

  it.each([
    ['a,b,y\n1,2,0\n3,,1\n', /Column "b", line 3: the cell is empty/],
    ['a,b,y\n1,NA,0\n3,4,1\n', /A value is missing.*line 2: "NA"/],
    ['a,b,y\n1,red,0\n3,blue,1\n', /A column of "table.csv" holds text.*"red"/],
    ['filepath,label\ntest/0/1.png,0\ntest/1/2.png,1\n', /only lists picture files/],
    ['a,b,y\n1,2,0\n3,4\n', /Line 3 has 2 cells where the first has 3/],
    ['a,b\n', /is empty|no samples|holds text/],
  ])('refuses %j by place', async (text, message) => {
    await expect(open(text)).rejects.toThrow(message);
  });

  it('reshapes a row to the input it has the numbers for, and says both shapes where not', async () => {
    const data = await open('1,2,3,4,0\n5,6,7,8,1\n');
    expect([...(await data.batch(1, 1, [2, 2, 1]))]).toEqual([5, 6, 7, 8]);
    await expect(data.batch(0, 1, [28, 28, 1])).rejects.toThrow(/A sample is 4 values; the model takes 28×28×1 \(784 values\)/);
  });
});
