/** What one stream holds. Messages on a JSON stream and bytes on others are counted alike: from 0. */
export interface StreamLog {
  readonly tail: number
  /** What a reader is given for the part from `from` to `to`. */
  wire(from: number, to: number): Uint8Array<ArrayBuffer>
  /** @returns the numbers of the messages that were added, by {@link messageId}. */
  append(body: Uint8Array): number[]
  /** The nearest place at or before `to` where text may end. */
  wholeBefore(to: number): number
}

const encoder = new TextEncoder()
const LF = 10

export function createLog(contentType: string): StreamLog {
  return contentType === 'application/json' ? new JsonLog() : new ByteLog()
}

/** Every message begins with its number, so that the log tells what became of each. */
export function messageId(line: string): number {
  return Number.parseInt(line, 10)
}

export class JsonLog implements StreamLog {
  readonly items: string[] = []

  get tail(): number {
    return this.items.length
  }

  wire(from: number, to: number): Uint8Array<ArrayBuffer> {
    return encoder.encode(`[${this.items.slice(from, to).join(',\n')}]`)
  }

  append(body: Uint8Array): number[] {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    const added = Array.isArray(value) ? value : [value]
    this.items.push(...added.map((item) => JSON.stringify(item)))
    return added.map((item: { id: number }) => item.id)
  }

  wholeBefore(to: number): number {
    return to
  }
}

export class ByteLog implements StreamLog {
  #bytes = Buffer.alloc(0)

  get tail(): number {
    return this.#bytes.length
  }

  wire(from: number, to: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(from, to))
  }

  append(body: Uint8Array): number[] {
    this.#bytes = Buffer.concat([this.#bytes, body])
    const lines = Buffer.from(body).toString('latin1').split('\n').slice(0, -1)
    if (body.at(-1) !== LF) throw new Error('A part of a message was appended')
    return lines.map(messageId)
  }

  wholeBefore(to: number): number {
    let at = to
    // The bytes of a character but its first are 10xxxxxx.
    while (at > 0 && at < this.tail && (this.#bytes[at]! & 0xc0) === 0x80) at--
    return at
  }
}

const OFFSET_DIGITS = 12

export function formatOffset(position: number): string {
  return String(position).padStart(OFFSET_DIGITS, '0')
}

/** @returns nothing for what is no offset. */
export function parseOffset(offset: string): number | undefined {
  if (offset === '-1') return 0
  return /^\d{12}$/.test(offset) ? Number(offset) : undefined
}
