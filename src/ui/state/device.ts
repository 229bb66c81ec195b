/** Which backend computes, on which adapter, and which others there are. */
import { createStore } from 'zustand/vanilla';
import type { DeviceStatus } from '../../workers/api.ts';
import { bind } from './use-store.ts';

export interface DeviceState {
  readonly status: DeviceStatus | null;
  readonly busy: boolean;
}

export const deviceStore = createStore<DeviceState>()(() => ({ status: null, busy: false }));
export const useDevice = bind(deviceStore);
