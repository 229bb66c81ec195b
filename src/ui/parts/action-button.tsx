/** A button of an action: its words, its shortcut in the tooltip, and off where the action can't be done. */
import { type Action, printed } from '../actions/action.ts';
import { t } from '../i18n/translate.ts';
import { Icon, type IconName } from './icon.tsx';

interface Props {
  readonly action: Action;
  readonly icon?: IconName;
  /** Words in place of the action's title. */
  readonly label?: string;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'icon';
  /** The caller knows by its own subscription whether the action can be done. */
  readonly enabled?: boolean;
}

export function ActionButton({ action, icon, label = t(action.title), kind = 'plain', enabled = action.when() }: Props) {
  const shortcut = action.keys?.[0];
  const hint = shortcut === undefined ? label : `${label} (${printed(shortcut)})`;
  return (
    <button
      type="button"
      className={`button ${kind}`}
      disabled={!enabled}
      title={hint}
      {...(kind === 'icon' && { 'aria-label': label })}
      onClick={action.perform}
    >
      {icon && <Icon name={icon} />}
      {kind !== 'icon' && <span>{label}</span>}
    </button>
  );
}
