import type { Framing } from './content-type.ts'

const LF = 0x0a

/**
 * How many of these bytes a page may end after, so that no message of a JSON stream and no character
 * of a text stream is cut; 0 if not even one is whole.
 */
export function wholeLength(bytes: readonly Uint8Array[], framing: Framing): number {
  const length = byteLength(bytes)
  if (framing === 'json') return lastMessageEnd(bytes, length)
  return framing === 'text' ? length - unfinishedCharacter(bytes) : length
}

/** The first `length` of these bytes. */
export function firstBytes(bytes: readonly Uint8Array[], length: number): Uint8Array[] {
  const kept: Uint8Array[] = []
  for (const part of bytes) {
    if (length <= 0) break
    kept.push(part.length <= length ? part : part.subarray(0, length))
    length -= part.length
  }
  return kept
}

export function byteLength(bytes: readonly Uint8Array[]): number {
  return bytes.reduce((length, part) => length + part.length, 0)
}

function lastMessageEnd(bytes: readonly Uint8Array[], length: number): number {
  for (let i = bytes.length - 1; i >= 0; i--) {
    const part = bytes[i]!
    length -= part.length
    const end = part.lastIndexOf(LF)
    if (end >= 0) return length + end + 1
  }
  return 0
}

/** How many bytes at the end begin a UTF-8 character that they do not finish: 0 to 3. */
function unfinishedCharacter(bytes: readonly Uint8Array[]): number {
  const last: number[] = []
  for (let i = bytes.length - 1; i >= 0 && last.length < 3; i--) {
    last.unshift(...bytes[i]!.subarray(-(3 - last.length)))
  }
  for (let back = 1; back <= last.length; back++) {
    const byte = last.at(-back)!
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < characterLength(byte) ? back : 0
  }
  return 0
}

function characterLength(firstByte: number): number {
  if (firstByte >= 0xf0) return 4
  return firstByte >= 0xe0 ? 3 : 2
}
