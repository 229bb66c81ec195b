import { expect, it } from 'vitest';
import { createQueue } from './session.ts';

it('runs one job at a time and tells a waiting one at once that it was aborted', async () => {
  const use = createQueue();
  const signal = new AbortController().signal;
  const made: string[] = [];
  let open = () => {};
  const first = use(signal, async () => {
    made.push('first');
    await new Promise<void>((resolve) => {
      open = resolve;
    });
  });
  const controller = new AbortController();
  const second = use(controller.signal, async () => void made.push('second'));
  const third = use(signal, async () => void made.push('third'));
  controller.abort();
  await expect(second).rejects.toThrow();
  expect(made).toEqual(['first']);
  open();
  await Promise.all([first, third]);
  expect(made).toEqual(['first', 'third']);
});
