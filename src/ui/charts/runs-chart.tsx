/**
 * Accuracy against size, one dot a run: the original in grey, runs in the accent, the recipe in view ringed. Sizes on a
 * logarithmic axis, since each bit less is a factor. A click puts a run's recipe back.
 */
import { CartesianGrid, Scatter, ScatterChart, Tooltip, XAxis, YAxis } from 'recharts';
import * as numbers from '../i18n/numbers.ts';
import { t } from '../i18n/translate.ts';
import { useSize } from '../parts/use-size.ts';

export interface Dot {
  /** 0 is the original; below 0 stand points that a search tried, by their negative id. */
  readonly run: number;
  readonly words: string;
  readonly size: number;
  readonly quality: number;
  readonly unit: string;
  readonly current: boolean;
  readonly lit: boolean;
}

interface Props {
  readonly dots: readonly Dot[];
  readonly quality: string;
  readonly onTake: (run: number) => void;
  readonly onLight: (run: number | null) => void;
}

const text = { fill: 'var(--muted)', fontSize: 12 };
const hair = { stroke: 'var(--line)' };

export function RunsChart({ dots, quality, onTake, onLight }: Props) {
  const [frame, { width, height }] = useSize<HTMLDivElement>();
  const unit = dots[0]?.unit ?? '';
  const scale = qualityScale(dots);
  const say = (value: number) => numbers.figure({ value, unit, how: 'measured' });
  const shape = (props: unknown) => <Mark {...(props as MarkProps)} onTake={onTake} onLight={onLight} />;
  return (
    <div className="chart-frame" ref={frame}>
      {width > 0 && height > 0 && (
        <ScatterChart
          width={width}
          height={height}
          margin={{ top: 12, right: 16, bottom: 0, left: 0 }}
          title={t('runs.title', { metric: quality })}
        >
          <CartesianGrid stroke="var(--line)" strokeWidth={1} vertical={false} />
          <XAxis
            type="number"
            dataKey="size"
            scale="log"
            domain={sizeDomain(dots)}
            ticks={sizeTicks(sizeDomain(dots))}
            tickFormatter={numbers.roundBytes}
            tick={text}
            tickLine={false}
            axisLine={hair}
            height={24}
          />
          <YAxis
            type="number"
            dataKey="height"
            domain={scale.domain}
            ticks={scale.ticks}
            interval={0}
            tickFormatter={(value: number) => sayTick(value, unit, scale.step)}
            tick={text}
            tickLine={false}
            axisLine={false}
            width={58}
          />
          <Tooltip cursor={false} isAnimationActive={false} content={<Tip say={say} />} />
          <Scatter
            data={dots.map((dot) => ({ ...dot, height: Math.max(dot.quality, scale.domain[0]) }))}
            shape={shape}
            isAnimationActive={false}
          />
        </ScatterChart>
      )}
    </div>
  );
}

interface MarkProps extends Pick<Props, 'onTake' | 'onLight'> {
  readonly cx?: number;
  readonly cy?: number;
  readonly payload?: Dot;
}

function Mark({ cx, cy, payload: dot, onTake, onLight }: MarkProps) {
  if (cx === undefined || cy === undefined || dot === undefined) return null;
  const kind = dot.run === 0 ? 'original' : dot.run < 0 ? 'tried' : 'compressed';
  return (
    // Keyboard users put a run back from the table of the same numbers.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <g
      className={`dot ${kind}${dot.current ? ' current' : ''}${dot.lit ? ' lit' : ''}`}
      data-run={dot.run}
      onClick={() => dot.run !== 0 && onTake(dot.run)}
      onPointerEnter={() => onLight(dot.run)}
      onPointerLeave={() => onLight(null)}
    >
      <circle className="reach" cx={cx} cy={cy} r={14} />
      {dot.current && <circle className="ring" cx={cx} cy={cy} r={9} />}
      <circle className="core" cx={cx} cy={cy} r={kind === 'tried' ? 3 : 5} />
      {kind === 'original' && (
        // Below the dot where it stands at the top.
        <text x={cx + 5} y={cy < 36 ? cy + 20 : cy - 12} textAnchor="end" {...text}>
          {dot.words}
        </text>
      )}
    </g>
  );
}

function Tip({
  active,
  payload,
  say,
}: {
  active?: boolean;
  payload?: readonly { payload?: Dot }[];
  say: (value: number) => string;
}) {
  const dot = payload?.[0]?.payload;
  if (!active || dot === undefined) return null;
  return (
    <div className="tip">
      <strong>{dot.words}</strong>
      <span>
        {numbers.bytes(dot.size)} · {say(dot.quality)}
      </span>
    </div>
  );
}

/** Room on both sides, at least a factor of three in all, so that the first run does not fill the axis with noise. */
function sizeDomain(dots: readonly Dot[]): [number, number] {
  const sizes = dots.map((dot) => dot.size);
  const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
  const centre = Math.sqrt(low * high);
  const reach = Math.max(Math.sqrt(high / low) * 1.25, Math.sqrt(3));
  return [centre / reach, centre * reach];
}

/** Round sizes within the domain: as finely as five of them allow. */
function sizeTicks([low, high]: readonly [number, number]): number[] {
  const powers = Array.from({ length: 16 }, (_, power) => 10 ** power);
  const choices = [[1, 2, 5], [1, 3], [1]].map((digits) =>
    powers.flatMap((power) => digits.map((digit) => digit * power)).filter((tick) => tick >= low && tick <= high),
  );
  return choices.find((ticks) => ticks.length <= 5) ?? [];
}

/** As many decimals for every tick as their step needs. */
function sayTick(value: number, unit: string, step: number): string {
  if (unit !== 'fraction') return numbers.figure({ value, unit, how: 'measured' });
  return numbers.percentTo(value, Math.max(0, Math.ceil(-Math.log10(step * 100) - 1e-9)));
}

interface Scale {
  readonly step: number;
  readonly domain: [number, number];
  readonly ticks: number[];
}

/** A search's tried points this far below everything else stand at the foot: they would flatten what there is to choose from. */
const farBelow = 0.05;

/** Round values around the dots; a share never beyond 0 and 1, and never less than two points wide. */
function qualityScale(dots: readonly Dot[]): Scale {
  const share = dots[0]?.unit === 'fraction';
  const own = Math.min(...dots.filter(({ run }) => run >= 0).map(({ quality }) => quality));
  const values = dots.map(({ quality }) => (share ? Math.max(quality, own - farBelow) : quality));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = Math.max(high - low, share ? 0.02 : Math.abs(high) * 0.1 || 1);
  const step = roundStep(spread / 3);
  const first = Math.floor(low / step - 0.2);
  const last = Math.max(first + 1, Math.ceil(high / step + 0.2));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
  const inside = share ? ticks.filter((tick) => tick >= 0 && tick <= 1) : ticks;
  return { domain: [inside[0] ?? low, inside.at(-1) ?? high], ticks: inside, step };
}

/** The next of 1, 2, 5 × 10ⁿ. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10);
}
