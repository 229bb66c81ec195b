/** A picture of one's own: dropped or pasted here, or chosen. It reaches the model as the data's pictures do. */
import { useState } from 'react';
import { giveInput } from '../flows/trial.ts';
import { t } from '../i18n/translate.ts';
import { Picture } from '../parts/picture.tsx';
import { showProblem } from '../state/problems.ts';
import type { Look } from '../state/trial.ts';
import { tryWords } from './try-words.ts';

/** The longest side that is taken over; a photograph's further pixels would only be thrown away. */
const longest = 1024;

type Pixels = Pick<ImageData, 'width' | 'height'> & { readonly data: Uint8ClampedArray<ArrayBuffer> };

async function read(file: Blob): Promise<Pixels> {
  const bitmap = await createImageBitmap(file).catch(() => {
    const [title, hint] = [t('try.picture.unreadable'), t('try.picture.unreadable.hint')];
    throw Object.assign(new Error(title), { code: 'PICTURE_UNREADABLE', title, detail: '', hint });
  });
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))];
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null) throw new Error('This browser draws nothing off screen.');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  return { width, height, data: new Uint8ClampedArray(context.getImageData(0, 0, width, height).data) };
}

/** Light for dark and dark for light. */
export function inverted(pixels: Uint8ClampedArray<ArrayBuffer>): Uint8ClampedArray<ArrayBuffer> {
  return pixels.map((value, index) => (index % 4 === 3 ? value : 255 - value));
}

function isLight({ data }: Pixels): boolean {
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += data[at] ?? 0;
  return sum / (data.length / 4) > 140;
}

const pictureOf = (transfer: DataTransfer): File | undefined =>
  [...transfer.files].find((file) => file.type.startsWith('image/'));

export function TryPicture({ look }: { readonly look: Look }) {
  const [taken, setTaken] = useState<{ readonly pixels: Pixels; readonly invert: boolean } | null>(null);
  const give = (pixels: Pixels, invert: boolean) => {
    setTaken({ pixels, invert });
    giveInput({
      kind: 'picture',
      pixels: invert ? inverted(pixels.data) : pixels.data,
      width: pixels.width,
      height: pixels.height,
    });
  };
  const take = (file: Blob | undefined) => {
    if (file === undefined) return;
    read(file).then(
      (pixels) => give(pixels, look.grey && look.dark && isLight(pixels)),
      (thrown) => showProblem('try', thrown),
    );
  };
  const shown = taken && {
    width: taken.pixels.width,
    height: taken.pixels.height,
    pixels: taken.invert ? inverted(taken.pixels.data) : taken.pixels.data,
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping and pasting are shortcuts of the button inside.
    <div
      className="try-picture"
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        take(pictureOf(event.dataTransfer));
      }}
      onPaste={(event) => {
        const file = pictureOf(event.clipboardData);
        if (file === undefined) return;
        event.preventDefault();
        take(file);
      }}
    >
      <div className="picture-well">
        {shown === null ? <p className="quiet-text">{tryWords('picture.first')}</p> : <Picture picture={shown} />}
      </div>
      <div className="try-tools">
        <label className="button plain">
          {tryWords('picture.choose')}
          <input
            type="file"
            accept="image/*"
            className="visually-hidden"
            onChange={(event) => take(event.currentTarget.files?.[0])}
          />
        </label>
        {taken !== null && (
          <label className="check" title={tryWords('invert.help')}>
            <input type="checkbox" checked={taken.invert} onChange={(event) => give(taken.pixels, event.currentTarget.checked)} />
            {tryWords('invert')}
          </label>
        )}
      </div>
    </div>
  );
}
