/** Files in the origin's private file system, named by the SHA-256 of their bytes: the same file is kept once, a damaged one is told. */

const folder = 'bytes';

async function directory(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(folder, { create: true });
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function sizeOf(files: FileSystemDirectoryHandle, hash: string): Promise<number | undefined> {
  try {
    return (await (await files.getFileHandle(hash)).getFile()).size;
  } catch {
    return undefined;
  }
}

/** Keeps the bytes of a blob; returns their name. Rejects with QuotaExceededError where there is no room, and then leaves nothing behind. */
export async function keepBytes(blob: Blob): Promise<string> {
  const hash = await hashOf(await blob.arrayBuffer());
  const files = await directory();
  if ((await sizeOf(files, hash)) === blob.size) return hash;
  const handle = await files.getFileHandle(hash, { create: true });
  try {
    const writable = await handle.createWritable();
    await writable.write(blob);
    await writable.close();
  } catch (thrown) {
    await files.removeEntry(hash).catch(() => undefined);
    throw thrown;
  }
  return hash;
}

/** The bytes of a name, in memory, so that they outlive the file. Rejects where they are missing or no longer what they were. */
export async function keptBytes(hash: string): Promise<Blob> {
  const file = await (await (await directory()).getFileHandle(hash)).getFile();
  const bytes = await file.arrayBuffer();
  if ((await hashOf(bytes)) !== hash) throw new Error(`The bytes kept as ${hash.slice(0, 8)}… are damaged.`);
  return new Blob([bytes]);
}

/** Removes every file but these. */
export async function sweepBytes(needed: ReadonlySet<string>): Promise<void> {
  const files = await directory();
  for await (const name of files.keys()) if (!needed.has(name)) await files.removeEntry(name);
}

/** Removes all of them. */
export async function forgetBytes(): Promise<void> {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true }).catch((thrown) => {
    if (!(thrown instanceof DOMException) || thrown.name !== 'NotFoundError') throw thrown;
  });
}
