import { expect, it } from 'vitest';
import type { RunEvent } from './api.ts';
import { createReporter } from './progress.ts';

it('forwards the first event of a stage at once and then at most ten a second', () => {
  let time = 0;
  const events: RunEvent[] = [];
  const reporter = createReporter(
    (event) => events.push(event),
    () => time,
  );
  reporter.report({ stage: 'accuracy', done: 0, total: 1000 });
  for (let done = 1; done <= 1000; done++) {
    time += 1;
    reporter.report({ stage: 'accuracy', done, total: 1000 });
  }
  reporter.report({ stage: 'latency', done: 0, total: 50 });
  expect(events.map(({ stage, done }) => [stage, done])).toEqual([
    ...[0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000].map((done) => ['accuracy', done]),
    ['latency', 0],
  ]);
  expect(events[5]?.remainingMs).toBe(500);
  expect(events[0]?.remainingMs).toBeUndefined();
});

it('sends figures once, with the next event', () => {
  let time = 0;
  const events: RunEvent[] = [];
  const reporter = createReporter(
    (event) => events.push(event),
    () => time,
  );
  reporter.report({ stage: 'size', done: 0, total: 1 });
  reporter.partial({ macs: { value: 1, unit: 'MAC', how: 'measured' } });
  time = 100;
  reporter.report({ stage: 'size', done: 1, total: 1 });
  time = 200;
  reporter.report({ stage: 'size', done: 1, total: 1 });
  expect(events.map((event) => event.partial?.macs?.value)).toEqual([undefined, 1, undefined]);
});
