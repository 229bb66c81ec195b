/** The two dials that come first: how many bits a weight keeps, and what share of the weights goes. */
import { t } from '../i18n/translate.ts';
import { Slider } from '../parts/slider.tsx';
import { commitRecipe, previewRecipe, useRecipe } from '../state/recipe.ts';
import { bitChoices, bitsOf, setBits, setSparsity, sparsityOf } from '../state/recipe-edits.ts';
import { useView, view } from '../state/view.ts';

const bitsText = (bits: number): string => (bits === 32 ? t('dial.bits.off') : t('dial.bits.value', { bits }));
const sparsityText = (share: number): string => (share === 0 ? t('dial.sparsity.off') : `${Math.round(share * 100)}\u00a0%`);

export function Dials() {
  const bits = useRecipe((state) => bitsOf(state.recipe));
  const sparsity = useRecipe((state) => sparsityOf(state.recipe));
  const hint = useView((state) => state.hint);
  const moved = () => view.setState({ hint: false });
  return (
    <section className="dials" aria-label={t('dial.title')}>
      <Slider
        large
        label={t('dial.bits')}
        help={t('dial.bits.help')}
        value={bits}
        min={1}
        max={32}
        step={1}
        values={bitChoices}
        text={bitsText}
        marks={bitChoices.map(String)}
        onPreview={(value) => {
          moved();
          previewRecipe(setBits(value));
        }}
        onCommit={(value) => commitRecipe(setBits(value))}
      >
        {hint && <span className="drag-me">{t('dial.hint')}</span>}
      </Slider>
      <Slider
        large
        label={t('dial.sparsity')}
        help={t('dial.sparsity.help')}
        value={Math.round(sparsity * 100)}
        min={0}
        max={95}
        step={1}
        text={(value) => sparsityText(value / 100)}
        marks={['0', '25', '50', '75', '95']}
        onPreview={(value) => previewRecipe(setSparsity(value / 100))}
        onCommit={(value) => commitRecipe(setSparsity(value / 100))}
      />
    </section>
  );
}
