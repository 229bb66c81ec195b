/** Pruning while training: how the share of zeros grows. */
import { useState } from 'react';
import type { Step } from '../../engine/recipe.ts';
import { rampAt } from '../../engine/techniques/prune/gradual-params.ts';
import { percent } from '../i18n/numbers.ts';
import { Figure, Knob, line, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 96;

export function Ramp({ step }: { readonly step: Step }) {
  const [done, setDone] = useState(0.2);
  const ramp = {
    ramp: step.ramp === 'constant' ? ('constant' as const) : ('polynomial' as const),
    begin: Number(step.begin ?? 0),
    end: Number(step.end ?? 0.5),
  };
  const sparsity = Number(step.sparsity ?? 0.8);
  const shareAt = (at: number) => sparsity * rampAt(ramp, at);
  const y = (share: number) => height - 6 - share * (height - 12);
  const shares = Array.from({ length: 125 }, (_, at) => [at * 2, y(shareAt(at / 124))] as const);
  return (
    <Figure
      label={say('ramp.figure')}
      height={height}
      drawing={
        <>
          <path className="guide" d={`M0 ${y(0)}H${width}M0 ${y(sparsity)}H${width}`} />
          <path className="compressed-line" d={line(shares)} />
          <circle className="point" cx={done * width} cy={y(shareAt(done))} r={4} />
        </>
      }
    >
      <Knob label={say('ramp.done')} value={done} min={0} max={1} step={0.01} text={percent} onTurn={setDone} />
      <p>{say('ramp.words', { done: percent(done), share: percent(shareAt(done)), end: percent(sparsity) })}</p>
    </Figure>
  );
}
