/** How the recipe in view trains, or trained: curves of each step, how fast it goes, and a way to end it with what it has. */
import '../styles/training.css';
import { useState } from 'react';
import { trains } from '../../engine/techniques/trains.ts';
import { TrainingChart } from '../charts/training-chart.tsx';
import { pauseTraining, stopTraining } from '../flows/training.ts';
import { count, decimal, duration, percent } from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { recipeKey, useRecipe } from '../state/recipe.ts';
import { runOf, useRuns } from '../state/runs.ts';
import { type Curve, curvesOf, useTraining } from '../state/training.ts';
import { trainingWords as say } from './training-words.ts';

const none: readonly Curve[] = [];

export function TrainingPanel() {
  const recipe = useRecipe((state) => state.committed);
  const run = useRuns((state) => runOf(state, recipeKey(recipe)));
  const going = useRuns((state) => state.running?.key === recipeKey(recipe));
  const watched = useTraining((state) => (state.key === recipeKey(recipe) ? state.curves : none));
  const curves = going ? watched : curvesOf(run?.report.training ?? [], watched);
  if (curves.length > 0) {
    return (
      <div className="training">
        {curves.map((curve) => (
          <Step key={curve.step} curve={curve} />
        ))}
      </div>
    );
  }
  return (
    <div className="training">
      <p className="quiet-text">{say(trains(recipe) ? 'waiting' : 'none')}</p>
    </div>
  );
}

const wordsFor = (curve: Curve) => (value: number) => (curve.metric === 'accuracy' ? percent(value) : decimal(value));

function Step({ curve }: { readonly curve: Curve }) {
  const [asTable, setAsTable] = useState(false);
  const paused = useTraining((state) => state.paused);
  const { technique, epochs, loss, validation, metric, now, best } = curve;
  const name = tOr(`technique.${technique}`, technique);
  return (
    <section className="training-step" aria-label={name}>
      <header className="panel-head">
        <h3>{name}</h3>
        <span className="quiet-text">{now === null ? doneWords(curve) : paused ? say('paused') : goingWords(now)}</span>
        <span className="spacer" />
        {now !== null && (
          <>
            <button type="button" className="button plain" onClick={() => pauseTraining(!paused)}>
              {say(paused ? 'resume' : 'pause')}
            </button>
            <button type="button" className="button plain" onClick={stopTraining}>
              {say('stop')}
            </button>
          </>
        )}
        <button type="button" className="link" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {say(asTable ? 'chart' : 'table')}
        </button>
      </header>
      {curve.stopped && <p className="quiet-text">{say(`stopped.${curve.stopped}`)}</p>}
      {best === 0 && <p className="quiet-text">{say('best.before')}</p>}
      {asTable ? (
        <Numbers curve={curve} />
      ) : (
        <div className="training-charts">
          <TrainingChart title={say('loss')} points={loss} epochs={epochs} say={decimal} epoch={say('axis.epoch')} />
          {validation.length > 0 && (
            <TrainingChart
              title={say(metric === 'accuracy' ? 'accuracy' : 'loss.validation')}
              points={validation}
              epochs={epochs}
              say={wordsFor(curve)}
              epoch={say('axis.epoch')}
              marked
              best={best}
            />
          )}
        </div>
      )}
    </section>
  );
}

const goingWords = ({ epoch, epochs, samplesPerSecond, remainingMs }: NonNullable<Curve['now']>): string =>
  [
    say('epoch', { epoch, epochs }),
    say('speed', { n: count(samplesPerSecond) }),
    say('left', { time: duration(Math.max(1000, remainingMs)) }),
  ].join(' · ');

const doneWords = ({ best, seconds = 0 }: Curve): string =>
  [say('took', { time: duration(seconds * 1000) }), ...(best === undefined || best === 0 ? [] : [say('best', { n: best })])].join(
    ' · ',
  );

/** The same numbers, an epoch a row. */
function Numbers({ curve }: { readonly curve: Curve }) {
  const { loss, validation, metric, epochs, best } = curve;
  const valueAt = (points: Curve['loss'], epoch: number) => points.find(({ at }) => at === epoch)?.value;
  return (
    <div className="table-scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{say('axis.epoch')}</th>
            <th scope="col" className="number">
              {say('loss')}
            </th>
            <th scope="col" className="number">
              {say(metric === 'accuracy' ? 'accuracy' : 'loss.validation')}
            </th>
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: epochs + 1 }, (_, epoch) => {
            const [lost, score] = [valueAt(loss, epoch), valueAt(validation, epoch)];
            if (lost === undefined && score === undefined) return null;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: an epoch is its number
              <tr key={epoch} aria-current={epoch === best || undefined}>
                <th scope="row">{epoch === 0 ? say('before') : epoch}</th>
                <td className="number">{lost === undefined ? '' : decimal(lost)}</td>
                <td className="number">{score === undefined ? '' : wordsFor(curve)(score)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
