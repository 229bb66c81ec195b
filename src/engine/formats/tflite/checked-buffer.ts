/**
 * The bytes of a FlatBuffer that nobody vouches for. The runtime of the `flatbuffers` package reads beyond the end as zeros and believes
 * every length; here each read lies within the file, and all lists together may be no longer than a few times the file, so that
 * neither a pointer into nowhere nor a thousand tables with one long list can hold up the reader.
 */
import { ByteBuffer } from 'flatbuffers';
import type { StudioError } from '../../errors.ts';

/** Lists of a real file do not overlap, so that their elements are fewer than its bytes. */
const listsPerByte = 4;

/** Throws what `damaged` makes, never anything else, wherever a read would leave the file. */
export class CheckedBuffer extends ByteBuffer {
  private readonly size: number;
  private readonly damaged: (what: string) => StudioError;
  private elementsLeft: number;

  constructor(bytes: Uint8Array, damaged: (what: string) => StudioError) {
    super(bytes);
    this.size = bytes.length;
    this.damaged = damaged;
    this.elementsLeft = listsPerByte * bytes.length;
  }

  private within(offset: number, length: number): void {
    if (offset >= 0 && offset + length <= this.size) return;
    throw this.damaged(`it points to bytes ${offset} … ${offset + length - 1} of ${this.size}`);
  }

  override readUint8(offset: number): number {
    this.within(offset, 1);
    return super.readUint8(offset);
  }

  override readUint16(offset: number): number {
    this.within(offset, 2);
    return super.readUint16(offset);
  }

  override readInt32(offset: number): number {
    this.within(offset, 4);
    return super.readInt32(offset);
  }

  override __vector_len(offset: number): number {
    const length = super.__vector_len(offset);
    // Elements take a byte at least.
    this.within(this.__vector(offset), length);
    this.elementsLeft -= length;
    if (length >= 0 && this.elementsLeft >= 0) return length;
    throw this.damaged(length < 0 ? `a list has ${length} elements` : 'its lists are longer than the file');
  }

  override __string(offset: number): string | Uint8Array {
    this.__vector_len(offset);
    return super.__string(offset);
  }
}
