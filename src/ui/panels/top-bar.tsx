/** The bar on top: what this is, what is open, opening, history, the device, the theme. */

import { redo, undo } from '../actions/history.ts';
import { language } from '../actions/language.ts';
import { openFiles } from '../actions/open-files.ts';
import { theme } from '../actions/theme.ts';
import { useLanguage } from '../i18n/language.ts';
import { large } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Icon, type IconName, Mark } from '../parts/icon.tsx';
import { useRecipe } from '../state/recipe.ts';
import { useSession } from '../state/session.ts';
import { type Theme, useView, view } from '../state/view.ts';
import { DeviceMenu } from './device-menu.tsx';

export function TopBar() {
  const canUndo = useRecipe((state) => state.past.length > 0);
  const canRedo = useRecipe((state) => state.future.length > 0);
  return (
    <header className="top-bar">
      <h1 className="wordmark">
        <Mark />
        <span translate="no">Nutshell</span>
      </h1>
      <ModelPill />
      <ActionButton action={openFiles} icon="open" label={t('bar.open')} />
      <span className="spacer" />
      <ActionButton action={undo} icon="undo" kind="icon" enabled={canUndo} />
      <ActionButton action={redo} icon="redo" kind="icon" enabled={canRedo} />
      <DeviceMenu />
      <DrawerButton />
      <LanguageButton />
      <ThemeButton />
    </header>
  );
}

function ModelPill() {
  const model = useSession((state) => state.model);
  const opening = useSession((state) => state.opening === 'model');
  if (model === null) return <p className="pill quiet-text">{opening ? t('bar.opening') : t('bar.no-model')}</p>;
  const { name, format, parameters } = model.summary;
  return (
    <p className="pill" title={`${name} · ${format}`}>
      <strong translate="no">{name}</strong>
      <span>{opening ? t('bar.opening') : t('bar.model', { format, parameters: large(parameters) })}</span>
    </p>
  );
}

const themeIcons: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'light', dark: 'dark' };

function ThemeButton() {
  const current = useView((state) => state.theme);
  const label = t('theme.now', { theme: t(`theme.${current}`) });
  return (
    <button type="button" className="button icon" aria-label={label} title={label} onClick={theme.perform}>
      <Icon name={themeIcons[current]} />
    </button>
  );
}

function LanguageButton() {
  const other = useLanguage((state) => (state.language === 'en' ? 'zh-CN' : 'en'));
  return (
    <button
      type="button"
      className="button quiet language"
      title={t('bar.language.help')}
      aria-label={t('bar.language.help')}
      onClick={language.perform}
    >
      <span lang={other}>{t('bar.language')}</span>
    </button>
  );
}

function DrawerButton() {
  const open = useView((state) => state.drawer);
  return (
    <button
      type="button"
      className="button icon only-middle"
      aria-label={t('bar.inspector')}
      title={t('bar.inspector')}
      aria-expanded={open}
      aria-controls="side"
      onClick={() => view.setState({ drawer: !open })}
    >
      <Icon name="panel" />
    </button>
  );
}
