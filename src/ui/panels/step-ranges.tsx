/** The ranges that a run gave to what flows between the layers: all of them under their step, or those of one layer. */
import { RangePlot } from '../charts/range-plot.tsx';
import { rangeWords } from '../charts/range-words.ts';
import { Scroller } from '../parts/scroller.tsx';
import { useShown } from '../state/use-shown.ts';
import { selectLayer } from '../state/view.ts';
import '../styles/ranges.css';

/** Under the step that calibrates. */
export function StepRanges() {
  const ranges = useShown()?.report?.ranges ?? [];
  if (ranges.length === 0) return null;
  return (
    <details className="scope">
      <summary>{rangeWords('title', { n: ranges.length })}</summary>
      <Scroller className="ranges">
        {ranges.map((range) => (
          <section key={range.values[0]}>
            <button type="button" className="link" translate="no" onClick={() => selectLayer(range.layer)}>
              {range.layer}
            </button>
            <RangePlot range={range} />
          </section>
        ))}
      </Scroller>
    </details>
  );
}

/** Of the layer that is looked at; nothing where none of its values has a range. */
export function LayerRanges({ layer }: { readonly layer: string }) {
  const ranges = useShown()?.report?.ranges?.filter((range) => range.layer === layer) ?? [];
  if (ranges.length === 0) return null;
  return (
    <section className="layer-ranges">
      <h3>{rangeWords('layer')}</h3>
      {ranges.map((range) => (
        <RangePlot key={range.values[0]} range={range} />
      ))}
    </section>
  );
}
