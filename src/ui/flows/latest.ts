/** Calls that follow a thumb: one at a time, and of those asked for meanwhile only the newest is made. */

/** Wraps a call so that it never overlaps itself; every input but the newest waiting one is dropped. */
export function latest<Input>(call: (input: Input) => Promise<void>): (input: Input) => void {
  let waiting: { readonly input: Input } | null = null;
  let going = false;
  const drain = async () => {
    going = true;
    while (waiting !== null) {
      const { input } = waiting;
      waiting = null;
      await call(input);
    }
    going = false;
  };
  return (input) => {
    waiting = { input };
    if (!going) void drain();
  };
}
