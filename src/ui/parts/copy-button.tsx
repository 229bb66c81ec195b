/** Copies a text and says so for a moment. */
import { useEffect, useState } from 'react';
import { t } from '../i18n/translate.ts';
import { Icon } from './icon.tsx';

export function CopyButton({ label, text }: { readonly label: string; readonly text: () => string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    navigator.clipboard.writeText(text()).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  };
  return (
    <button type="button" className="button quiet" onClick={copy}>
      <Icon name={state === 'copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{state === 'idle' ? label : t(state === 'copied' ? 'copy.done' : 'copy.refused')}</span>
    </button>
  );
}
