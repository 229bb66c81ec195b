/** An input of one's own: drawn, dropped, from the camera or typed, and what both models say to it, side by side. */
import type { OpenedData, OpenedModel } from '../../workers/api.ts';
import { chooseMode } from '../flows/trial.ts';
import { shape } from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { answerName } from '../i18n/wall-words.ts';
import { AnswerBars } from '../parts/answer-bars.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNote } from '../parts/problem-note.tsx';
import { kindOfAnswers, tilesOf, topScores } from '../state/answers.ts';
import { useSession } from '../state/session.ts';
import { lookOf, modesOf, type TrialMode, useTrial } from '../state/trial.ts';
import { useWall } from '../state/wall.ts';
import { TryCamera } from './try-camera.tsx';
import { TryDraw } from './try-draw.tsx';
import { TryPicture } from './try-picture.tsx';
import { TryRow } from './try-row.tsx';
import { tryWords } from './try-words.ts';

export function TryPanel() {
  const model = useSession((state) => state.model);
  const data = useSession((state) => state.data);
  return (
    <section className="try" aria-labelledby="try-title">
      <header className="panel-head">
        <h2 id="try-title">{tryWords('title')}</h2>
        <span className="spacer" />
        {data !== null && <Modes modes={modesOf(data)} />}
      </header>
      {model === null || data === null ? (
        <p className="quiet-text">{tryWords(model === null ? 'no-model' : 'no-data')}</p>
      ) : (
        <Trial key={data.handle} model={model} data={data} />
      )}
      <ProblemNote place="try" />
    </section>
  );
}

function Modes({ modes }: { readonly modes: readonly TrialMode[] }) {
  const mode = useTrial((state) => state.mode);
  if (modes.length < 2) return null;
  return (
    <fieldset className="tabs" aria-label={tryWords('kind')}>
      {modes.map((one) => (
        <button key={one} type="button" aria-pressed={one === mode} onClick={() => chooseMode(one)}>
          {tryWords(one)}
        </button>
      ))}
    </fieldset>
  );
}

function Trial({ model, data }: { readonly model: OpenedModel; readonly data: OpenedData }) {
  const mode = useTrial((state) => state.mode);
  if (modesOf(data).length === 0) {
    return <p className="quiet-text">{tryWords('other-input', { shape: shape(model.summary.inputs[0]?.shape ?? []) })}</p>;
  }
  const look = lookOf(model, data);
  return (
    <>
      {mode === 'draw' && <TryDraw look={look} />}
      {mode === 'picture' && <TryPicture look={look} />}
      {mode === 'camera' && <TryCamera look={look} />}
      {mode === 'row' && <TryRow data={data} />}
      <Answers data={data} />
    </>
  );
}

/** Both answers: in a sentence, then the likeliest classes. */
function Answers({ data }: { readonly data: OpenedData }) {
  const answers = useTrial((state) => state.answers);
  const known = useWall((state) => state.answers);
  const flat = useSession((state) => state.model?.summary.outputs[0]?.shape.length === 1);
  if (answers === null) return null;
  const { classNames } = data.summary;
  const kind = kindOfAnswers(known ?? answers, classNames, flat);
  const [tile] = tilesOf({ ...answers, indices: [0] }, kind);
  if (tile === undefined || kind === 'outputs') return null;
  const name = (value: number) => answerName(value, kind, classNames);
  const [before, after] = [name(tile.before), name(tile.after)];
  if (kind === 'value') return <p className="try-words">{tryWords('value', { before, after })}</p>;
  return (
    <div className="try-answers">
      <p className="try-words" role="status" data-agree={before === after}>
        <Icon name={before === after ? 'check' : 'warning'} />
        {before === after ? tryWords('agree', { answer: after }) : tryWords('differ', { before, after })}
      </p>
      <AnswerBars scores={topScores(answers, 0)} name={name} />
      <p className="keys quiet-text" aria-hidden="true">
        <span className="key original">{t('words.original')}</span>
        <span className="key compressed">{t('wall.compressed')}</span>
      </p>
    </div>
  );
}
