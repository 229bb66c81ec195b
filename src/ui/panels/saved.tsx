/** What was written: how it did in stock TF.js, on the whole and on the test part, its files, and the code that loads them. */
import { download, downloadFile } from '../flows/export.ts';
import * as numbers from '../i18n/numbers.ts';
import { tOr } from '../i18n/translate.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { exportFormats } from '../state/export-formats.ts';
import type { Written } from '../state/exports.ts';
import { qualityOf } from '../state/figures.ts';
import { useRuns } from '../state/runs.ts';
import { savedWords } from './saved-words.ts';

export function Saved({ written }: { readonly written: Written }) {
  const total = written.files.reduce((sum, file) => sum + file.bytes.length, 0);
  const code = exportFormats.find((one) => one.id === written.format)?.code(written) ?? '';
  return (
    <div className="saved">
      <p className="fact verified" role="status" title={written.verified.runtime}>
        <Icon name="check" /> <span>{verifiedWords(written.verified)}</span>
      </p>
      <TestPart written={written} />
      <ul className="files" aria-label={savedWords('files')}>
        {written.files.map((file) => (
          <li key={file.path}>
            <button type="button" className="link" title={savedWords('file')} onClick={() => downloadFile(file)}>
              {file.path}
            </button>
            <span>{numbers.bytes(file.bytes.length)}</span>
          </li>
        ))}
      </ul>
      <p className="export-again">
        <button type="button" className="button quiet" onClick={() => void download(written)}>
          <Icon name="download" />
          <span>{savedWords('again', { size: numbers.bytes(total) })}</span>
        </button>
        <CopyButton label={savedWords('code')} text={() => code} />
      </p>
      <pre>
        <code>{code}</code>
      </pre>
    </div>
  );
}

function verifiedWords({ samples, correct, maxRelativeError, figures }: Written['verified']): string {
  const n = numbers.count(samples);
  const outputs =
    maxRelativeError === 0
      ? savedWords('outputs.identical')
      : savedWords('outputs.equal', { error: maxRelativeError.toExponential(0) });
  if (correct === undefined) {
    const synthetic = Object.values(figures).some((figure) => figure.synthetic);
    return savedWords(synthetic ? 'synthetic' : 'samples', { outputs, n });
  }
  const [right, ours] = [numbers.count(correct.stock), numbers.count(correct.ours)];
  return right === ours ? savedWords('same', { right, n, outputs }) : savedWords('other', { right, ours, n, outputs });
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
