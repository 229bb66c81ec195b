/** A .tflite file as it runs where it is deployed: asked for by a button, since the interpreter is large. */
import { deploy } from '../flows/deploy.ts';
import * as numbers from '../i18n/numbers.ts';
import { Icon } from '../parts/icon.tsx';
import { useExports, type Written } from '../state/exports.ts';
import { qualityOf } from '../state/figures.ts';
import { ClassAgreement } from './class-agreement.tsx';
import { savedWords } from './saved-words.ts';

/** A ratio of two times this near to 1 is not worth a word. */
const alike = 0.1;

export function DeployedFigures({ written }: { readonly written: Written }) {
  const deployed = useExports((state) => state.deployed);
  const busy = useExports((state) => state.busy !== null);
  if (deployed?.written !== written) {
    return (
      <p className="deploy">
        <button type="button" className="button plain" disabled={busy} onClick={() => void deploy()}>
          <Icon name="run" />
          <span>{savedWords('deploy')}</span>
        </button>
        <small className="quiet-text">{savedWords('deploy.about')}</small>
      </p>
    );
  }
  const { simulated, deployed: own, yardstick, samples, synthetic } = deployed.value;
  const metric = qualityOf(own);
  const [here, there] = metric === undefined ? [] : [simulated[metric], own[metric]];
  const [agreement, time] = [own['agreement/top1'], own['latency/median']];
  return (
    <>
      <table className="deployed" aria-label={savedWords('deploy.title')}>
        <caption>{savedWords(synthetic ? 'deploy.synthetic' : 'deploy.samples', { n: numbers.count(samples) })}</caption>
        <tbody>
          {here && there && (
            <tr>
              <th scope="row">{savedWords('deploy.accuracy')}</th>
              <td>
                <b>{numbers.figure(there)}</b>
                <small>
                  {savedWords('deploy.here')} {numbers.figure(here)}
                </small>
              </td>
            </tr>
          )}
          {agreement && (
            <tr>
              <th scope="row">{savedWords('deploy.same')}</th>
              <td>
                <b>{numbers.figure(agreement)}</b>
              </td>
            </tr>
          )}
          {time && (
            <tr>
              <th scope="row">{savedWords('deploy.time')}</th>
              <td>
                <b>{numbers.figure(time)}</b>
                {yardstick && written.format !== 'tflite-float32' && (
                  <small>
                    {savedWords('deploy.float')} {numbers.figure(yardstick)} · {speed(yardstick.value / time.value)}
                  </small>
                )}
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {deployed.value.classes.length > 0 && <ClassAgreement classes={deployed.value.classes} />}
    </>
  );
}

function speed(times: number): string {
  if (Math.abs(times - 1) < alike) return savedWords('deploy.alike');
  const words = times >= 1 ? 'deploy.faster' : 'deploy.slower';
  return savedWords(words, { times: (times >= 1 ? times : 1 / times).toFixed(1) });
}
