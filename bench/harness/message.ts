/**
 * The message of all workloads: 100 bytes of compact JSON at fixed places, so that it is changed in
 * place and found again without parsing.
 *
 * `{"n":"00000042","by":"007","us":"000000123456","pad":"…"}`
 */
export const MESSAGE_BYTES = 100

const MARK = '{"n":"'
const NUMBER = { at: 6, digits: 8 }
const WRITER = { at: 22, digits: 3 }
const SENT = { at: 33, digits: 12 }
const BEFORE_PAD = '{"n":"00000000","by":"000","us":"000000000000","pad":"'

export interface Message {
  /** Counts from 0 for each writer. */
  number: number
  writer: number
  /** Microseconds on the clock of the process that sent it. */
  sentUs: number
}

/** A message with the number 0 of writer 0. */
export function blankMessage(): string {
  return `${BEFORE_PAD.padEnd(MESSAGE_BYTES - 2, '.')}"}`
}

/** Writes what makes a message over the one that begins at `at`. */
export function stampMessage(bytes: Uint8Array, at: number, message: Message): void {
  writeDigits(bytes, at + NUMBER.at, NUMBER.digits, message.number)
  writeDigits(bytes, at + WRITER.at, WRITER.digits, message.writer)
  writeDigits(bytes, at + SENT.at, SENT.digits, message.sentUs)
}

/** A JSON array of the messages `first` to `first + count - 1` of a writer. */
export function messageBatch(writer: number, first: number, count: number): Buffer {
  const text = Buffer.from(`[${Array.from({ length: count }, blankMessage).join(',')}]`, 'latin1')
  for (let i = 0; i < count; i++) {
    stampMessage(text, 1 + i * (MESSAGE_BYTES + 1), { number: first + i, writer, sentUs: 0 })
  }
  return text
}

/** Microseconds since this process began. */
export function clockUs(): number {
  return Math.round(performance.now() * 1000)
}

/**
 * Finds messages in bytes that arrive in pieces, whatever lies between them.
 *
 * @param onMessage is lent one object that changes after the call
 */
export function createMessageScanner(
  onMessage: (message: Readonly<Message>) => void,
): (bytes: Buffer) => void {
  const message: Message = { number: 0, writer: 0, sentUs: 0 }
  let kept: Buffer | undefined

  return (received) => {
    const bytes = kept ? Buffer.concat([kept, received]) : received
    kept = undefined
    let at = 0
    for (;;) {
      const found = bytes.indexOf(MARK, at, 'latin1')
      if (found < 0 || found + MESSAGE_BYTES > bytes.length) {
        const from = found < 0 ? beginningOfMark(bytes, at) : found
        if (from < bytes.length) kept = Buffer.from(bytes.subarray(from))
        return
      }
      message.number = readDigits(bytes, found + NUMBER.at, NUMBER.digits)
      message.writer = readDigits(bytes, found + WRITER.at, WRITER.digits)
      message.sentUs = readDigits(bytes, found + SENT.at, SENT.digits)
      onMessage(message)
      at = found + MESSAGE_BYTES
    }
  }
}

/** Where the bytes end with the first letters of a mark; their length if they do not. */
function beginningOfMark(bytes: Buffer, from: number): number {
  for (let at = Math.max(from, bytes.length - MARK.length + 1); at < bytes.length; at++) {
    if (MARK.startsWith(bytes.toString('latin1', at))) return at
  }
  return bytes.length
}

function writeDigits(bytes: Uint8Array, at: number, digits: number, value: number): void {
  for (let i = at + digits - 1; i >= at; i--) {
    const rest = Math.floor(value / 10)
    bytes[i] = 48 + value - rest * 10
    value = rest
  }
}

function readDigits(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i++) value = value * 10 + bytes[i]! - 48
  return value
}
