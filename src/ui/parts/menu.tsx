/** A button that opens a panel. A click elsewhere, focus elsewhere or Escape closes it; Escape hands the focus back. */
import { useEffect, useRef } from 'react';

interface Props {
  readonly className?: string;
  readonly testId?: string;
  readonly title: string;
  readonly summary: React.ReactNode;
  readonly children: React.ReactNode;
  readonly onOpen?: () => void;
}

export function Menu({ className = '', testId, title, summary, children, onOpen }: Props) {
  const root = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const closeOutside = (event: Event) => {
      const menu = root.current;
      if (menu?.open && !(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('focusin', closeOutside);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('focusin', closeOutside);
    };
  }, []);
  const close = (event: React.KeyboardEvent<HTMLDetailsElement>) => {
    if (event.key !== 'Escape' || !event.currentTarget.open) return;
    event.preventDefault();
    event.currentTarget.open = false;
    event.currentTarget.querySelector('summary')?.focus();
  };
  return (
    <details
      className={`menu ${className}`}
      data-testid={testId}
      ref={root}
      onKeyDown={close}
      onToggle={(event) => event.currentTarget.open && onOpen?.()}
    >
      <summary className="button quiet" title={title}>
        {summary}
      </summary>
      <div className="menu-body">{children}</div>
    </details>
  );
}
