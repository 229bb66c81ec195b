/** The device line: asked when a model is open, probed once after its first result, chosen by the visitor. */
import type { DeviceStatus, ModelHandle } from '../../workers/api.ts';
import { deviceStore } from '../state/device.ts';
import { engine } from '../state/engine.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import { session } from '../state/session.ts';

async function take(ask: () => Promise<DeviceStatus>): Promise<void> {
  deviceStore.setState({ busy: true });
  try {
    deviceStore.setState({ status: await ask() });
    clearProblem('device');
  } catch (thrown) {
    showProblem('device', thrown);
  } finally {
    deviceStore.setState({ busy: false });
  }
}

/** Reads the device line anew. */
export const refreshDevice = (): Promise<void> => take(() => engine().device());

let probed: ModelHandle | null = null;

/** Tries the other backends with the open model, once. */
export async function probeOnce(): Promise<void> {
  const handle = session.getState().model?.handle ?? null;
  if (handle === null || probed === handle) return;
  probed = handle;
  await take(() => engine().probeBackends(handle));
}

/** Computes on another backend from now on. */
export const chooseBackend = (choice: string): Promise<void> =>
  take(() => engine().chooseBackend(choice, session.getState().model?.handle ?? null));
