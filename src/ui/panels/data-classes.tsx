/** Which output of the model stands for which class of the data: by name, by hand, or guessed from the answers. */
import { useState } from 'react';
import type { ClassSummary, DataSummary, OpenedData } from '../../workers/api.ts';
import { pick } from '../actions/pick.ts';
import { arrangeData, openLabels } from '../flows/open.ts';
import { count } from '../i18n/numbers.ts';
import { Icon } from '../parts/icon.tsx';
import { dataWords } from './data-words.ts';

interface Props {
  readonly data: OpenedData;
  readonly busy: boolean;
}

export function DataClasses({ data: { summary }, busy }: Props) {
  const { classes, outputs, order, labelsFrom } = summary;
  if (classes.length === 0) {
    return (
      <div className="detail-classes">
        <p className="quiet-text">{dataWords('order.none')}</p>
      </div>
    );
  }
  const most = Math.max(...classes.map((one) => one.count));
  const by = order?.by ?? 'data';
  return (
    <div className="detail-classes">
      <h3>{dataWords('classes', { n: classes.length })}</h3>
      <p className="order-words" data-by={by} role="status">
        {by === 'guessed' && <Icon name="warning" />}
        {by === 'names' ? dataWords('order.names', { file: labelsFrom ?? '' }) : dataWords(`order.${by}`)}
      </p>
      {by === 'data' && fewRight(summary) && <p className="order-words">{dataWords('order.poor')}</p>}
      <div className="detail-buttons">
        <button
          type="button"
          className="button"
          disabled={busy || outputs.length === 0}
          title={dataWords('order.guess.help')}
          onClick={() => void arrangeData({ order: 'guess' })}
        >
          {dataWords('order.guess')}
        </button>
        <button
          type="button"
          className="button"
          disabled={busy}
          title={dataWords('order.labels.help')}
          onClick={() => pick('files', (files) => void openLabels(files))}
        >
          {dataWords('order.labels')}
        </button>
        {(by === 'chosen' || by === 'guessed') && (
          <button type="button" className="link" disabled={busy} onClick={() => void arrangeData({ order: 'names' })}>
            {dataWords('order.reset')}
          </button>
        )}
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">{dataWords('class')}</th>
            <th scope="col" className="number">
              {dataWords('count')}
            </th>
            {outputs.length > 0 && <th scope="col">{dataWords('output')}</th>}
          </tr>
        </thead>
        <tbody>
          {classes.map((one, number) => (
            <tr key={one.name}>
              <th scope="row" translate="no" title={one.name}>
                {one.name}
              </th>
              <td className="number">
                <div className="detail-count">
                  <i className="detail-bar" aria-hidden="true">
                    <b style={{ inlineSize: `${(100 * one.count) / most}%` }} />
                  </i>
                  {count(one.count)}
                </div>
              </td>
              {outputs.length > 0 && (
                <td>
                  <OutputChoice
                    outputs={outputs}
                    one={one}
                    busy={busy}
                    onChoose={(output) => chooseOutput(summary, number, output)}
                  />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** True where no way to feed the model made half of its answers right. */
const fewRight = ({ guess }: DataSummary): boolean => guess.length > 0 && guess.every(({ score, n }) => score < n / 2);

/** An output that another class had is exchanged with it, so that each class keeps one of its own. */
function chooseOutput({ classes }: DataSummary, number: number, output: number): void {
  const mine = classes[number]?.output ?? number;
  const outputs = classes.map((one, at) => (at === number ? output : one.output === output ? mine : one.output));
  void arrangeData({ order: { outputs, by: 'chosen' } });
}

interface OutputChoiceProps {
  readonly outputs: readonly string[];
  readonly one: ClassSummary;
  readonly busy: boolean;
  readonly onChoose: (output: number) => void;
}

/** A thousand choices of a thousand outputs are listed only where somebody is about to choose. */
function OutputChoice({ outputs, one, busy, onChoose }: OutputChoiceProps) {
  const [near, setNear] = useState(outputs.length <= 20);
  const listed = outputs.map((name, output) => ({ name, output })).filter(({ output }) => near || output === one.output);
  return (
    <select
      value={one.output}
      disabled={busy}
      aria-label={dataWords('output.of', { name: one.name })}
      onFocus={() => setNear(true)}
      onPointerEnter={() => setNear(true)}
      onChange={(event) => onChoose(Number(event.currentTarget.value))}
    >
      {listed.map(({ name, output }) => (
        <option key={output} value={output}>
          {name === String(output) ? name : dataWords('output.named', { number: String(output), name })}
        </option>
      ))}
    </select>
  );
}
