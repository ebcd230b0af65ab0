/**
 * Decodes UTF-8 piece by piece, cut anywhere; without a piece it ends. What is stored comes as it is,
 * with its byte order marks.
 *
 * A piece that ends in ASCII ends between two characters: told so, engines decode it several times
 * faster than as a part of a stream.
 */
export function createUtf8Decoder(): (piece?: Uint8Array) => string {
  const decoder = new TextDecoder(undefined, { ignoreBOM: true })
  return (piece) => decoder.decode(piece, { stream: !!piece && !(piece.at(-1)! < 128) })
}
