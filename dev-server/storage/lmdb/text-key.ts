import { createHash } from 'node:crypto'

/** Longest key by which a text is kept whole: LMDB's own limit is 1978 bytes, prefixes included. */
const WHOLE_BYTES = 1900

/** A text as bytes that sort as its UTF-16 code units do, and differ where it differs. */
export interface TextKey {
  bytes: Buffer
  /** Whether `bytes` holds the whole text; if not, its beginning and a digest of all of it. */
  whole: boolean
}

/** Never two texts to one key, lone surrogates included; in the order of code units while whole. */
export function textKey(text: string): TextKey {
  const all = encodeText(text)
  if (all.length <= WHOLE_BYTES) return { bytes: all, whole: true }
  const digest = createHash('sha256').update(all).digest()
  return { bytes: Buffer.concat([all.subarray(0, WHOLE_BYTES), digest]), whole: false }
}

/** What the keys of all texts too long to be whole begin with, if they begin as this one. */
export function sharedPart(key: Uint8Array): Uint8Array {
  return key.subarray(0, WHOLE_BYTES)
}

/**
 * Each UTF-16 code unit by itself as UTF-8 would write it (CESU-8). UTF-8 sorts by code points, in
 * another order, and writes all lone surrogates alike.
 */
export function encodeText(text: string): Buffer {
  if (isAscii(text)) return Buffer.from(text, 'latin1')
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes.push(unit)
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f))
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
  }
  return Buffer.from(bytes)
}

/** The inverse of {@link encodeText}. */
export function decodeText(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    const lead = bytes[i]!
    let unit = lead
    if (lead >= 0xe0) unit = ((lead & 0x0f) << 12) | ((bytes[++i]! & 0x3f) << 6)
    else if (lead >= 0xc0) unit = (lead & 0x1f) << 6
    if (lead >= 0xc0) unit |= bytes[++i]! & 0x3f
    text += String.fromCharCode(unit)
  }
  return text
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}
