/** The camera, asked for by a click alone, answered several times a second, and let go of on leaving. */
import { useEffect, useRef, useState } from 'react';
import { giveInput } from '../flows/trial.ts';
import { t } from '../i18n/translate.ts';
import { clearProblem, showProblem } from '../state/problems.ts';
import type { Look } from '../state/trial.ts';
import { view } from '../state/view.ts';
import { inverted } from './try-picture.tsx';
import { tryWords } from './try-words.ts';

/** Between two pictures, ms. */
const pause = 120;

async function start(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    const words = { title: t('try.camera.refused'), detail, hint: t('try.camera.refused.hint') };
    throw Object.assign(new Error(words.title), { code: 'CAMERA_REFUSED', ...words });
  }
}

/** The middle square of the video in the model's size. */
function grab(video: HTMLVideoElement, { width, height }: Look, invert: boolean): void {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (context === null || video.videoWidth === 0) return;
  const scale = Math.min(video.videoWidth / width, video.videoHeight / height);
  const [across, down] = [width * scale, height * scale];
  context.imageSmoothingQuality = 'high';
  context.drawImage(video, (video.videoWidth - across) / 2, (video.videoHeight - down) / 2, across, down, 0, 0, width, height);
  const pixels = new Uint8ClampedArray(context.getImageData(0, 0, width, height).data);
  giveInput({ kind: 'picture', pixels: invert ? inverted(pixels) : pixels, width, height });
}

export function TryCamera({ look }: { readonly look: Look }) {
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [invert, setInvert] = useState(look.grey && look.dark);
  const video = useRef<HTMLVideoElement>(null);
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  // Whatever ends the watching also ends the tracks: another way to try, another part of the page, another tab.
  useEffect(() => {
    if (stream === null) return;
    const stop = () => setStream(null);
    const hidden = () => document.hidden && stop();
    const left = view.subscribe((now, before) => (now.segment !== before.segment || now.drawer !== before.drawer) && stop());
    document.addEventListener('visibilitychange', hidden);
    return () => {
      left();
      document.removeEventListener('visibilitychange', hidden);
      for (const track of stream.getTracks()) track.stop();
    };
  }, [stream]);
  useEffect(() => {
    const { current } = video;
    if (stream === null || current === null) return;
    current.srcObject = stream;
    const timer = setInterval(() => grab(current, look, invert), pause);
    return () => clearInterval(timer);
  }, [stream, look, invert]);
  const ask = () => {
    clearProblem('try');
    start().then(
      (opened) => {
        if (here.current) setStream(opened);
        else for (const track of opened.getTracks()) track.stop();
      },
      (thrown) => showProblem('try', thrown),
    );
  };
  return (
    <div className="try-camera">
      {stream !== null && (
        // The picture has no sound and is nothing but what stands before the camera.
        <video
          ref={video}
          autoPlay
          muted
          playsInline
          aria-label={tryWords('camera')}
          style={{ aspectRatio: look.width / look.height }}
        />
      )}
      <div className="try-tools">
        <button type="button" className="button plain" onClick={stream === null ? ask : () => setStream(null)}>
          {tryWords(stream === null ? 'camera.on' : 'camera.off')}
        </button>
        {stream !== null && (
          <label className="check" title={tryWords('invert.help')}>
            <input type="checkbox" checked={invert} onChange={(event) => setInvert(event.currentTarget.checked)} />
            {tryWords('invert')}
          </label>
        )}
      </div>
      {stream === null && <p className="quiet-text">{tryWords('camera.help')}</p>}
    </div>
  );
}
