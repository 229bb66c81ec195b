/** How the page stands: theme, the layer that is looked at, what is open on a small screen. Theme and hints outlive the visit. */
import { createStore } from 'zustand/vanilla';
import { bind } from './use-store.ts';

export type Theme = 'system' | 'light' | 'dark';
/** What a phone shows below the two dials. */
export type Segment = 'result' | 'recipe' | 'layers' | 'try' | 'export';

/** What stands below the wall and the chart. */
export type LowerTab = 'layers' | 'channels' | 'runs' | 'why' | 'training';

export interface View {
  readonly theme: Theme;
  readonly layer: string | null;
  /** The layer under the pointer, lit wherever layers are drawn. */
  readonly litLayer: string | null;
  readonly segment: Segment;
  readonly lower: LowerTab;
  /** The right column of a middle-sized screen. */
  readonly drawer: boolean;
  /** True until the bits dial was moved once. */
  readonly hint: boolean;
}

const storageKey = 'nutshell/view';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

function remembered(): Pick<View, 'theme' | 'hint'> {
  try {
    const { theme, hint } = JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<View>;
    return { theme: themes.find((known) => known === theme) ?? 'system', hint: hint !== false };
  } catch {
    return { theme: 'system', hint: true };
  }
}

export const view = createStore<View>()(() => ({
  ...remembered(),
  layer: null,
  litLayer: null,
  segment: 'result',
  lower: 'layers',
  drawer: false,
}));
export const useView = bind(view);

/** Puts the theme on the document and keeps what outlives the visit. */
export function applyView(): void {
  const apply = ({ theme, hint }: View) => {
    document.documentElement.toggleAttribute('data-theme', theme !== 'system');
    if (theme !== 'system') document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(storageKey, JSON.stringify({ theme, hint }));
    } catch {
      // A private window may refuse storage; the theme then lasts for this visit.
    }
  };
  apply(view.getState());
  view.subscribe((now, before) => {
    if (now.theme !== before.theme || now.hint !== before.hint) apply(now);
  });
}

/** Looks at a layer. */
export const selectLayer = (layer: string | null): void => view.setState({ layer });

/** What lights a layer while its row is under the pointer or has the focus. */
export const lightsLayer = (layer: string) => ({
  onPointerEnter: () => view.setState({ litLayer: layer }),
  onPointerLeave: () => view.setState({ litLayer: null }),
  onFocus: () => view.setState({ litLayer: layer }),
  onBlur: () => view.setState({ litLayer: null }),
});
