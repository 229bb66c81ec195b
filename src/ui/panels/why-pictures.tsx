/** Models that give pictures: how near both stay, and the samples that changed most, side by side. */
import type { PictureAnswers } from '../../engine/analysis/picture-answers.ts';
import type { OutputPictures } from '../../workers/api.ts';
import { count, decimal, figure } from '../i18n/numbers.ts';
import { Picture } from '../parts/picture.tsx';
import { Scroller } from '../parts/scroller.tsx';
import type { AnswersProps } from './why-panel.tsx';
import { whyWords } from './why-words.ts';

export function WhyPictures({ view, found, stale }: AnswersProps<PictureAnswers>) {
  const { result, before, after, against } = view;
  const { n, synthetic } = found.view;
  return (
    <section className="why-pictures" data-stale={stale} aria-labelledby="why-pictures-title">
      <header className="panel-head">
        <h3 id="why-pictures-title">{whyWords('pictures')}</h3>
      </header>
      <p className="why-words">
        {result === null ? whyWords('pictures.equal', { n: count(n) }) : `${whyWords('pictures.psnr')}: ${figure(result)}`}{' '}
        <span className="quiet-text">
          {against !== null && before !== null && after !== null && wantedWords(against, figure(before), figure(after))}
          {synthetic && ` ${whyWords('synthetic')}`}
        </span>
      </p>
      {result !== null && (
        <Scroller className="gallery-scroll">
          <ul className="gallery pictures">
            {found.outputs.map((pictures) => (
              <Sides
                key={pictures.index}
                pictures={pictures}
                wanted={whyWords(against === 'input' ? 'pictures.input' : 'pictures.wanted')}
                psnr={view.worst.find(({ index }) => index === pictures.index)?.psnr ?? null}
              />
            ))}
          </ul>
        </Scroller>
      )}
    </section>
  );
}

const wantedWords = (against: 'targets' | 'input', before: string, after: string): string =>
  whyWords(`pictures.against.${against}`, { before, after });

interface SidesProps {
  readonly pictures: OutputPictures;
  readonly wanted: string;
  readonly psnr: number | null;
}

function Sides({ pictures, wanted, psnr }: SidesProps) {
  const sides = [
    { words: wanted, picture: pictures.wanted },
    { words: whyWords('pictures.original'), picture: pictures.before },
    { words: whyWords('pictures.compressed'), picture: pictures.after },
  ];
  return (
    <li>
      <p className="quiet-text">
        {whyWords('pictures.sample', {
          n: count(pictures.index + 1),
          psnr: psnr === null ? whyWords('equal') : `${decimal(psnr)}\u00a0dB`,
        })}
      </p>
      <div className="sides">
        {sides.map(
          ({ words, picture }) =>
            picture && (
              <figure key={words}>
                <Picture picture={picture} />
                <figcaption>{words}</figcaption>
              </figure>
            ),
        )}
      </div>
    </li>
  );
}
