/** One curve of a training over its epochs, on axes that begin at its smallest and end at its largest value. */
import { decimal } from '../i18n/numbers.ts';
import { useSize } from '../parts/use-size.ts';
import type { CurvePoint } from '../state/training.ts';

interface Props {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  readonly epochs: number;
  readonly say: (value: number) => string;
  readonly epoch: string;
  /** Marks each value, as where there are few; else a line alone. */
  readonly marked?: boolean;
  /** The epoch whose value is ringed. */
  readonly best?: number | undefined;
}

const [left, right, top, bottom] = [52, 10, 10, 22];

export function TrainingChart({ title, points, epochs, say, epoch, marked = false, best }: Props) {
  const [frame, { width, height }] = useSize<HTMLDivElement>();
  const values = points.map(({ value }) => value).filter(Number.isFinite);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at: number) => left + (at / epochs) * (width - left - right);
  const y = (value: number) =>
    high > low ? top + ((high - value) / (high - low)) * (height - top - bottom) : (height - bottom + top) / 2;
  const drawn = points.filter(({ value }) => Number.isFinite(value));
  const path = drawn.map(({ at, value }) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join('L');
  const last = drawn.at(-1);
  return (
    <figure className="training-chart">
      <figcaption>
        {title} {last && <strong>{say(last.value)}</strong>}
      </figcaption>
      <div className="training-frame" ref={frame}>
        {width > 0 && height > 0 && values.length > 0 && (
          <svg width={width} height={height} role="img" aria-label={`${title}: ${last ? say(last.value) : ''}`}>
            <path className="hair" d={`M${left} ${height - bottom}H${width - right}`} />
            {(high > low ? [low, high] : [high]).map((value) => (
              <text key={value} x={left - 8} y={y(value) + 4} textAnchor="end">
                {say(value)}
              </text>
            ))}
            {ticksOf(epochs).map((at) => (
              <text key={at} x={x(at)} y={height - 6} textAnchor="middle">
                {decimal(at)}
              </text>
            ))}
            <text x={left - 8} y={height - 6} textAnchor="end">
              {epoch}
            </text>
            <path className="curve" d={`M${path}`} />
            {marked &&
              drawn.map(({ at, value }) => (
                <circle
                  key={at}
                  className={at === best ? 'mark best' : 'mark'}
                  cx={x(at)}
                  cy={y(value)}
                  r={at === best ? 5 : 3}
                />
              ))}
          </svg>
        )}
      </div>
    </figure>
  );
}

/** At most six whole epochs along the axis, the first and the last among them. */
function ticksOf(epochs: number): readonly number[] {
  const pace = Math.max(1, Math.ceil(epochs / 5));
  const ticks = Array.from({ length: Math.floor(epochs / pace) + 1 }, (_, at) => at * pace);
  return ticks.at(-1) === epochs ? ticks : [...ticks.slice(0, -1), epochs];
}
