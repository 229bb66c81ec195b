/** The other language. */
import { chooseLanguage, languageStore } from '../i18n/language.ts';
import { showProblem } from '../state/problems.ts';
import type { Action } from './action.ts';

export const language: Action = {
  id: 'language',
  title: 'bar.language',
  when: () => true,
  perform: () => {
    const next = languageStore.getState().language === 'en' ? 'zh' : 'en';
    chooseLanguage(next).catch((thrown) => showProblem('open', thrown));
  },
};
