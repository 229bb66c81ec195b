/** Folding: a layer and its normalization give the same line as the one layer that replaces them. */
import { useState } from 'react';
import { decimal } from '../i18n/numbers.ts';
import { Figure, Knob, line, width } from './figure.tsx';
import { explainWords as say } from './words.ts';

const height = 112;
const [weight, bias, mean, deviation, beta] = [0.8, 0.3, 0.2, 0.5, -0.1];

/** γ(w·x + b − μ)/σ + β = (γw/σ)·x + γ(b − μ)/σ + β */
export function folded(gamma: number): { readonly weight: number; readonly bias: number } {
  return { weight: (gamma * weight) / deviation, bias: (gamma * (bias - mean)) / deviation + beta };
}

export function Fold() {
  const [gamma, setGamma] = useState(0.6);
  const [input, setInput] = useState(0.5);
  const x = (value: number) => ((value + 1) / 2) * width;
  const y = (value: number) => height / 2 - value * 24;
  const one = folded(gamma);
  const z = weight * input + bias;
  const result = (gamma * (z - mean)) / deviation + beta;
  const graph = line([-1, 1].map((value) => [x(value), y(one.weight * value + one.bias)]));
  return (
    <Figure
      label={say('fold.figure')}
      height={height}
      drawing={
        <>
          <path className="guide" d={`M0 ${y(0)}H${width}M${x(0)} 0V${height}`} />
          <path className="original-line wide" d={graph} />
          <path className="compressed-line" d={graph} />
          <circle className="point" cx={x(input)} cy={y(result)} r={4} />
        </>
      }
    >
      <Knob label={say('input')} value={input} min={-1} max={1} step={0.05} text={decimal} onTurn={setInput} />
      <Knob label={say('gamma')} value={gamma} min={0.1} max={1} step={0.05} text={decimal} onTurn={setGamma} />
      <p className="example">
        {say('fold.two', {
          weight: decimal(weight),
          bias: decimal(bias),
          z: decimal(z),
          mean: decimal(mean),
          deviation: decimal(deviation),
          beta: decimal(beta),
          result: decimal(result),
        })}
      </p>
      <p className="example">
        {say('fold.one', {
          weight: decimal(one.weight),
          bias: decimal(one.bias),
          result: decimal(one.weight * input + one.bias),
        })}
      </p>
    </Figure>
  );
}
