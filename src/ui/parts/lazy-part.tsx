/** A part of the page whose code is loaded when it is first shown. Where it can't be loaded, the part says so; the rest goes on. */
import { Component, type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { t } from '../i18n/translate.ts';

/** Wraps a part; `load` imports its module and picks the component. Until it has come, `placeholder` keeps its room. */
export function lazyPart<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  placeholder: ReactNode = null,
): ComponentType<Props> {
  const Part = lazy(async () => ({ default: await load() }));
  // biome-ignore lint/correctness/noComponentHookFactories: called once per module, so what it makes is as lasting as its caller
  return function LazyPart(props: Props) {
    return (
      <Fallback>
        <Suspense fallback={placeholder}>
          <Part {...props} />
        </Suspense>
      </Fallback>
    );
  };
}

class Fallback extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <p className="quiet-text" role="alert">
        {t('part.failed')}{' '}
        <button type="button" className="link" onClick={() => location.reload()}>
          {t('part.reload')}
        </button>
      </p>
    );
  }
}
