/** The part of papaparse that is used; its published types would bring Node's globals into the engine. */
declare module 'papaparse' {
  interface ParseResult {
    readonly data: string[][];
    readonly errors: readonly { readonly type: string; readonly code: string; readonly message: string; readonly row?: number }[];
    readonly meta: { readonly delimiter: string };
  }
  const Papa: {
    parse(
      text: string,
      options: {
        readonly skipEmptyLines?: boolean | 'greedy';
        readonly delimitersToGuess?: readonly string[];
        readonly delimiter?: string;
      },
    ): ParseResult;
  };
  export default Papa;
}
