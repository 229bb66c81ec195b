/** The recipe to take along: as a link, as JSON, as a command line. */
import { linkOfView } from '../flows/link.ts';
import { t } from '../i18n/translate.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { commandLine } from '../state/command-line.ts';
import { recipeStore } from '../state/recipe.ts';
import { session, useSession } from '../state/session.ts';

export function ShareMenu() {
  const isSample = useSession((state) => state.card !== null);
  const recipe = () => recipeStore.getState().committed;
  const summary = (
    <>
      <Icon name="share" />
      <span>{t('share.title')}</span>
    </>
  );
  return (
    <Menu className="share" title={t('share.title')} summary={summary}>
      <CopyButton label={t('share.link')} text={linkOfView} />
      <CopyButton label={t('share.json')} text={() => JSON.stringify(recipe(), null, 2)} />
      <CopyButton label={t('share.command')} text={() => commandLine(recipe(), session.getState())} />
      <p className="quiet-text">{t(isSample ? 'share.sample' : 'share.own')}</p>
    </Menu>
  );
}
