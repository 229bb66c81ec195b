/** What was written: how it did when it was opened again, on the whole and on the test part, its files, and the code that loads them. */
import { useState } from 'react';
import { download, downloadFile } from '../flows/export.ts';
import { noteText } from '../i18n/engine-words.ts';
import * as numbers from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { EngineLine } from '../parts/engine-line.tsx';
import { Icon } from '../parts/icon.tsx';
import type { Written } from '../state/exports.ts';
import { qualityOf } from '../state/figures.ts';
import { useRuns } from '../state/runs.ts';
import { DeployedFigures } from './deployed-figures.tsx';
import { arrayFile, snippets } from './load-code.ts';
import { savedWords } from './saved-words.ts';

export function Saved({ written }: { readonly written: Written }) {
  const total = written.files.reduce((sum, file) => sum + file.bytes.length, 0);
  const array = written.format === 'tflite-int8' ? arrayFile(written) : null;
  return (
    <div className="saved">
      <p className="fact verified" role="status" title={written.verified.runtime}>
        <Icon name="check" /> <span>{verifiedWords(written)}</span>
      </p>
      <TestPart written={written} />
      {written.notes.map((note) => (
        <p key={`${note.layer} ${note.code}`} className="quiet-text">
          <EngineLine words={noteText(note)} />
        </p>
      ))}
      <ul className="files" aria-label={savedWords('files')}>
        {[...written.files, ...(array === null ? [] : [array])].map((file) => (
          <li key={file.path}>
            <button type="button" className="link" title={savedWords('file')} onClick={() => downloadFile(file)}>
              {file.path}
            </button>
            <span>{file === array ? savedWords('array') : numbers.bytes(file.bytes.length)}</span>
          </li>
        ))}
      </ul>
      <p className="export-again">
        <button type="button" className="button quiet" onClick={() => void download(written)}>
          <Icon name="download" />
          <span>{savedWords('again', { size: numbers.bytes(total) })}</span>
        </button>
      </p>
      {written.format.startsWith('tflite') && <DeployedFigures written={written} />}
      <LoadCode key={written.format} written={written} />
    </div>
  );
}

/** The code for one runtime at a time. */
function LoadCode({ written }: { readonly written: Written }) {
  const all = snippets(written);
  const [title, choose] = useState(all[0]?.title);
  const shown = all.find((one) => one.title === title) ?? all[0];
  if (shown === undefined) return null;
  return (
    <div className="load-code">
      <p className="export-again">
        {all.length > 1 && (
          <select aria-label={savedWords('runtime')} value={shown.title} onChange={(event) => choose(event.target.value)}>
            {all.map((one) => (
              <option key={one.title}>{one.title}</option>
            ))}
          </select>
        )}
        <CopyButton label={savedWords('code')} text={() => shown.code} />
      </p>
      <pre>
        <code>{shown.code}</code>
      </pre>
    </div>
  );
}

function verifiedWords({ format, verified }: Written): string {
  const { samples, correct, maxRelativeError, equal, figures, text } = verified;
  if (samples === 0) return text;
  const n = numbers.count(samples);
  const by = savedWords(format.startsWith('tfjs') ? 'by.stock' : 'by.reader');
  const error = maxRelativeError.toExponential(0);
  const outputs =
    maxRelativeError === 0 ? savedWords('outputs.identical') : savedWords(equal ? 'outputs.equal' : 'outputs.differ', { error });
  if (correct === undefined) {
    const synthetic = Object.values(figures).some((figure) => figure.synthetic);
    return savedWords(synthetic ? 'synthetic' : 'samples', { by, outputs, n });
  }
  const [right, ours] = [numbers.count(correct.stock), numbers.count(correct.ours)];
  return right === ours ? savedWords('same', { by, right, n, outputs }) : savedWords('other', { by, right, ours, n, outputs });
}

/** The figure that a search could not flatter, and what still can: choosing by the figures of runs on all samples. */
function TestPart({ written }: { readonly written: Written }) {
  const runs = useRuns((state) => state.runs.length);
  const { test } = written.verified;
  const metric = test === null ? undefined : qualityOf(test.figures);
  const measured = metric === undefined ? undefined : test?.figures[metric];
  if (test === null || metric === undefined || measured === undefined) return null;
  const interval = numbers.interval(measured);
  const name = metric === 'accuracy/top1' ? '' : `${tOr(`metric.${metric}`, metric)} `;
  const figure = `${name}${numbers.figure(measured)}${interval === '' ? '' : ` (${interval})`}`;
  return (
    <p className="quiet-text test-part" title={savedWords('test.help')}>
      {savedWords('test', { n: numbers.count(test.samples), figure })}
      {runs > 1 && ` ${savedWords('chosen', { n: numbers.count(runs) })}`}
    </p>
  );
}
