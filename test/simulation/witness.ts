import { type ByteLog, JsonLog, parseOffset, type StreamLog } from './stream-log.ts'

/** What is told when a promise of the client is broken. */
export type Fail = (what: string) => void

/**
 * Stands behind one reader and holds all that it is given against the log of the server: every
 * delivery must go on exactly where the one before ended.
 */
export class Witness {
  /** After what was handed over. */
  at = 0
  readonly #log: () => StreamLog
  readonly #fail: Fail
  readonly #decoder: TextDecoder = new TextDecoder()
  #characters = 0
  #begunAt = 0

  constructor(log: () => StreamLog, fail: Fail) {
    this.#log = log
    this.#fail = fail
  }

  /** Some items, and the offset after them. */
  items(items: readonly unknown[], offset: string): void {
    const to = this.#check(offset)
    const expected = (this.#log() as JsonLog).items.slice(this.at, to)
    this.#compare(JSON.stringify(items), `[${expected.join(',')}]`, offset)
    this.at = to
  }

  bytes(bytes: Uint8Array, offset: string): void {
    const to = this.#check(offset)
    this.#compare(latin(bytes), latin((this.#log() as ByteLog).wire(this.at, to)), offset)
    this.at = to
  }

  /** Text, that may lack the character in which the bytes before `offset` end. */
  text(text: string, offset: string, isClosed: boolean): void {
    const to = this.#check(offset)
    const expected = this.#decoder.decode(this.#log().wire(this.at, to), { stream: !isClosed })
    this.#compare(text, expected, offset)
    this.at = to
  }

  /** Something whose offset is told later, such as an item of a `ReadableStream`. */
  piece(piece: unknown): void {
    const log = this.#log()
    const length = log instanceof JsonLog ? 1 : (piece as Uint8Array).length
    const expected =
      log instanceof JsonLog ? log.items[this.at] : latin(log.wire(this.at, this.at + length))
    const given = log instanceof JsonLog ? JSON.stringify(piece) : latin(piece as Uint8Array)
    this.#compare(given, expected ?? 'nothing, this is the end', `of ${this.at}`)
    this.at += length
  }

  /** A piece of the text, whose offset is told later. */
  textPiece(text: string): void {
    const all = new TextDecoder().decode(this.#log().wire(0, this.#log().tail))
    this.#compare(text, all.slice(this.#characters, this.#characters + text.length), 'unknown')
    this.#characters += text.length
    this.at = this.#characters === all.length ? this.#log().tail : this.at
  }

  /** An offset to save must not be past what was handed over, nor before where reading began. */
  mayResumeAt(offset: string): void {
    const position = parseOffset(offset)
    if (position === undefined || position < this.#begunAt || position > this.at) {
      this.#fail(`offset is ${offset}; from ${this.#begunAt} to ${this.at} was handed over`)
    }
  }

  /** Reading goes on from an offset that was saved: what came after it was not kept. */
  goBackTo(offset: string): void {
    this.mayResumeAt(offset)
    this.at = this.#begunAt = parseOffset(offset) ?? 0
  }

  /** The reading ended with the stream. */
  end(): void {
    const { tail } = this.#log()
    if (this.at !== tail) this.#fail(`reading ended at ${this.at}, but the stream at ${tail}`)
  }

  #check(offset: string): number {
    const to = parseOffset(offset)
    if (to !== undefined && to >= this.at && to <= this.#log().tail) return to
    this.#fail(`the offset went from ${this.at} to ${offset}, and the tail is ${this.#log().tail}`)
    return this.at
  }

  #compare(given: string, expected: string, offset: string): void {
    if (given === expected) return
    const short = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)} …` : text)
    this.#fail(
      `from ${this.at} to offset ${offset} came\n      ${short(given)}\n    instead of\n      ${short(expected)}`,
    )
  }
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}
