/** Light, dark, or as the system says. */
import { type Theme, view } from '../state/view.ts';
import type { Action } from './action.ts';

const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

export const theme: Action = {
  id: 'theme',
  title: 'action.theme',
  when: () => true,
  perform: () => view.setState((state) => ({ theme: next[state.theme] })),
};
