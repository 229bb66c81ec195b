/** Measuring what groups of channels lose alone, sharing a saving out by it, and finding a share by measured speed. */
import { withAllocation } from '../../engine/search/group-shares.ts';
import { channelShares } from '../../engine/search/shares.ts';
import type { RunEvent } from '../../workers/api.ts';
import { channelsStore, isChannelStep, noChannels, rankingKey, withCell } from '../state/channels.ts';
import { couplingStore } from '../state/coupling.ts';
import { engine } from '../state/engine.ts';
import { setGroupRatios } from '../state/group-edits.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { commitRecipe, recipeStore } from '../state/recipe.ts';
import { setParam } from '../state/recipe-edits.ts';
import { session } from '../state/session.ts';
import { startRun } from './run.ts';
import { trainingData } from './training-data.ts';

/** Lets one piece of work show itself and be cancelled; another model or other data ends it. */
async function work(
  kind: 'table' | 'speed',
  job: (signal: AbortSignal, onEvent: (event: RunEvent) => void) => Promise<void>,
): Promise<void> {
  if (channelsStore.getState().running !== null) return;
  const controller = new AbortController();
  const running = { work: kind, event: null, cancel: () => controller.abort() };
  const onEvent = (event: RunEvent) => {
    // The last events of a job may come after its end.
    if (channelsStore.getState().running?.cancel === running.cancel) channelsStore.setState({ running: { ...running, event } });
  };
  clearProblem('layer');
  channelsStore.setState({ running });
  try {
    await job(controller.signal, onEvent);
  } catch (thrown) {
    if (!controller.signal.aborted) showProblem('layer', thrown);
  } finally {
    if (channelsStore.getState().running?.cancel === running.cancel) channelsStore.setState({ running: null });
  }
}

/** Measures the table in the background; what is known already comes at once. */
export function measureTable(): Promise<void> {
  const { model, data } = session.getState();
  const recipe = recipeStore.getState().committed;
  const key = rankingKey(recipe);
  if (model === null) return Promise.resolve();
  return work('table', async (signal, onEvent) => {
    const started = performance.now();
    const training = await trainingData();
    if (channelsStore.getState().key !== key) channelsStore.setState({ key, table: null, cells: [], allocation: null });
    await engine().channelTable(
      { model: model.handle, data: data?.handle ?? null, training, recipe },
      (event) => {
        if (signal.aborted || session.getState().model !== model) return;
        if (event.kind === 'opened') {
          const { kind: _, ...table } = event;
          const { cells } = channelsStore.getState();
          channelsStore.setState({ table, cells: table.groups.map((_group, at) => cells[at] ?? []) });
          return;
        }
        channelsStore.setState(({ cells }) => ({
          cells: cells.with(event.group, withCell(cells[event.group] ?? [], event.cell)),
        }));
        const { cells, table } = channelsStore.getState();
        const [done, total] = [cells.flat().length, channelShares.length * (table?.groups.length ?? 0)];
        const elapsedMs = performance.now() - started;
        onEvent({ stage: 'channels', done, total, elapsedMs, remainingMs: (elapsedMs / done) * (total - done) });
      },
      signal,
    );
  });
}

/** Shares the wanted saving out by the table, as an edit that can be undone, and runs the recipe. */
export async function shareOut(): Promise<void> {
  const { model } = session.getState();
  const { table, cells, target } = channelsStore.getState();
  const recipe = recipeStore.getState().committed;
  const index = recipe.steps.findIndex(isChannelStep);
  if (model === null || table === null || index < 0) return;
  clearProblem('layer');
  try {
    const measured = table.groups.map(({ makers }, at) => ({ makers, cells: cells[at] ?? [] }));
    const allocation = await engine().allocateChannels(model.handle, recipe, measured, target);
    if (allocation === null || session.getState().model !== model) return;
    channelsStore.setState({ allocation: { ...allocation, target } });
    commitRecipe((now) => ({
      ...now,
      steps: now.steps.map((step, at) => (at === index ? withAllocation(step, allocation) : step)),
    }));
    await startRun();
  } catch (thrown) {
    showProblem('layer', thrown);
  }
}

/** Finds the step's ratio that is measured to be so many times as fast, and takes it, as an edit that can be undone. */
export function findSpeed(): Promise<void> {
  const { model, data } = session.getState();
  const recipe = recipeStore.getState().committed;
  const { wanted } = channelsStore.getState();
  const step = recipe.steps.findIndex(isChannelStep);
  if (model === null || step < 0) return Promise.resolve();
  return work('speed', async (signal, onEvent) => {
    // One share is looked for: shares of single groups give way.
    const { groups } = couplingStore.getState();
    const alike = setGroupRatios(
      step,
      groups.map(({ makers }) => [makers, undefined]),
    );
    const job = { model: model.handle, data: data?.handle ?? null, recipe: alike(recipe), step, wanted };
    const { best, points } = await engine().channelSpeed(job, onEvent, signal);
    if (session.getState().model !== model) return;
    const fastest = points.reduce((most, { faster }) => Math.max(most, faster), 0);
    channelsStore.setState({ speed: { wanted, point: best, fastest } });
    if (best !== null) commitRecipe((now) => setParam(step, 'ratio', best.ratio)(alike(now)));
  });
}

/** Forgets figures once another model or other data is open. */
export function followChannels(): void {
  session.subscribe(({ model, data }, before) => {
    if (model === before.model && data === before.data) return;
    channelsStore.getState().running?.cancel();
    channelsStore.setState(noChannels);
  });
}
