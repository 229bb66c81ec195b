/** gzip through the platform's own CompressionStream: the figure that a web server's download would show. */

/** The gzip of a byte array, as one part. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Bytes of the gzip of some parts laid end to end; nothing of the result is kept. */
export async function gzipSize(...parts: readonly Uint8Array<ArrayBuffer>[]): Promise<number> {
  const reader = new Blob([...parts]).stream().pipeThrough(new CompressionStream('gzip')).getReader();
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) size += next.value.length;
  return size;
}
