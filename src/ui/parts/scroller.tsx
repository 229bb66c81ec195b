/** What scrolls by itself and holds nothing that could be focused: it can be reached, and scrolled, by keyboard. */
import type { ReactNode } from 'react';

export function Scroller({ className, children }: { readonly className: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={className} tabIndex={0}>
      {children}
    </div>
  );
}
