const decoder = new TextDecoder(undefined, { ignoreBOM: true })

/**
 * Where a character begins whose end has not come yet; the length of `bytes` if there is none. Bytes
 * that are no UTF-8 are not waited for.
 */
export function wholeCharacters(bytes: Uint8Array): number {
  // A character has four bytes at most.
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const at = bytes.length - back
    const byte = bytes[at]!
    if (byte < 0x80) break
    if (byte >= 0xc0) return characterLength(byte) > back ? at : bytes.length
  }
  return bytes.length
}

/** By its first byte. */
function characterLength(byte: number): number {
  if (byte < 0xe0) return 2
  return byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1
}

/** Byte order marks come as they are; what is no UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
