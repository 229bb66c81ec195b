/** A long name cut in its middle where it has no room: layers of one block differ at their end as often as at their start. */
const tail = 8;

export function CutName({ name }: { readonly name: string }) {
  if (name.length <= 2 * tail) return <span>{name}</span>;
  return (
    <span className="cut-name">
      <span>{name.slice(0, -tail)}</span>
      <span>{name.slice(-tail)}</span>
    </span>
  );
}
