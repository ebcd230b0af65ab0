import { StreamError } from '../../src/core/errors.ts'

const DIGITS = 16

/** The offset of a byte position: zero-padded, so that offsets sort as text. Protocol section 1. */
export function formatOffset(position: number): string {
  return String(position).padStart(DIGITS, '0')
}

/**
 * The byte position of an offset that {@link formatOffset} made.
 *
 * @throws {StreamError} `bad-request` for any other text.
 */
export function parseOffset(offset: string): number {
  const position = Number(offset)
  if (/^\d{16}$/.test(offset) && Number.isSafeInteger(position)) return position
  throw new StreamError(
    'bad-request',
    `"${offset}" is not an offset of this server: send back a Stream-Next-Offset, -1 or now`,
  )
}
