/** How many finished chunks stay in memory behind the one that grows, for readers close behind. */
const KEPT_CHUNKS = 3
const FIRST_ROOM = 256
const EMPTY = new Uint8Array(0)

/** Counts the memory that the tails of all streams take. */
export interface Meter {
  usedBytes: number
}

interface Block {
  from: number
  bytes: Uint8Array
}

/**
 * The last bytes of a stream, in memory: those that await their commit, and some before them. Bytes
 * that are written stay as they are, so readers and LMDB share them without a copy.
 */
export class TailBytes {
  /** Position after the last byte. */
  end: number
  readonly #base: number
  readonly #chunkBytes: number
  readonly #meter: Meter
  /** Finished chunks, then the one that grows: each follows the one before it. */
  readonly #full: Block[] = []
  #open: Block

  constructor(base: number, end: number, chunkBytes: number, meter: Meter) {
    this.end = end
    this.#base = base
    this.#chunkBytes = chunkBytes
    this.#meter = meter
    this.#open = { from: end, bytes: EMPTY }
  }

  /** Position of the first byte that memory holds; {@link end} if none. */
  get start(): number {
    return this.#full[0]?.from ?? this.#open.from
  }

  /** Start of the chunk that `position` lies in. */
  chunkOf(position: number): number {
    return position - ((position - this.#base) % this.#chunkBytes)
  }

  append(data: Uint8Array): void {
    for (let done = 0; done < data.length; ) {
      const boundary = this.chunkOf(this.end) + this.#chunkBytes
      const part = data.subarray(done, done + boundary - this.end)
      this.#write(part)
      done += part.length
      if (this.end === boundary) this.#finish()
    }
  }

  /** Views of what memory holds between two positions, `from` not before {@link start}. */
  read(from: number, to: number): Uint8Array[] {
    const views: Uint8Array[] = []
    for (let i = this.#indexOf(from); i < this.#full.length; i++) {
      const block = this.#full[i]!
      if (block.from >= to) return views
      pushPart(views, block, endOf(block), from, to)
    }
    pushPart(views, this.#open, this.end, from, to)
    return views
  }

  /** One view of a part of one chunk. */
  view(from: number, to: number): Uint8Array {
    return this.read(from, to)[0] ?? EMPTY
  }

  /** Gives back finished chunks that are stored up to `stored`, but for the last few. */
  trim(stored: number): void {
    const most = this.#full.length - KEPT_CHUNKS
    let count = 0
    while (count < most && endOf(this.#full[count]!) <= stored) {
      this.#meter.usedBytes -= this.#full[count]!.bytes.length
      count += 1
    }
    if (count > 0) this.#full.splice(0, count)
  }

  /** Gives back all memory. Only for a stream that is stored to its end. */
  forget(): void {
    for (const block of this.#full) this.#meter.usedBytes -= block.bytes.length
    this.#full.length = 0
    this.#meter.usedBytes -= this.#open.bytes.length
    this.#open = { from: this.end, bytes: EMPTY }
  }

  /** Finished chunks follow one another, each of the same length but for the first. */
  #indexOf(position: number): number {
    const [first] = this.#full
    if (!first) return 0
    return Math.floor((this.chunkOf(position) - this.chunkOf(first.from)) / this.#chunkBytes)
  }

  #write(part: Uint8Array): void {
    const at = this.end - this.#open.from
    if (at + part.length > this.#open.bytes.length) this.#grow(at, at + part.length)
    this.#open.bytes.set(part, at)
    this.end += part.length
  }

  /** A larger array takes the place of the old one, which whoever reads it keeps. */
  #grow(used: number, atLeast: number): void {
    const most = this.chunkOf(this.#open.from) + this.#chunkBytes - this.#open.from
    const room = Math.min(most, Math.max(FIRST_ROOM, atLeast, 2 * this.#open.bytes.length))
    const bytes = Buffer.allocUnsafeSlow(room)
    bytes.set(this.#open.bytes.subarray(0, used))
    this.#meter.usedBytes += room - this.#open.bytes.length
    this.#open = { from: this.#open.from, bytes }
  }

  #finish(): void {
    const { from, bytes } = this.#open
    this.#full.push({ from, bytes: bytes.subarray(0, this.end - from) })
    this.#open = { from: this.end, bytes: EMPTY }
  }
}

function endOf({ from, bytes }: Block): number {
  return from + bytes.length
}

function pushPart(
  views: Uint8Array[],
  { from: start, bytes }: Block,
  end: number,
  from: number,
  to: number,
): void {
  const first = Math.max(from, start)
  const last = Math.min(to, end)
  if (first < last) views.push(bytes.subarray(first - start, last - start))
}
