import { takeTurn } from './turn.ts'

/** What an object, a list or a text takes besides what is in it. */
const HEAD_BYTES = 16
const SLOT_BYTES = 8

/** How many values are weighed between two looks at the clock. */
const STEP = 512

/**
 * About how much memory a value takes, in bytes. What it holds twice counts once. Others get their
 * turns meanwhile.
 *
 * @param limit it stops there, and gives something above it.
 */
export async function measureBytes(value: unknown, limit: number): Promise<number> {
  const turn = takeTurn()
  const seen = new Set<unknown>()
  const left: unknown[] = [value]
  let bytes = 0
  for (let count = 1; left.length > 0 && bytes <= limit; count++) {
    bytes += weigh(left.pop(), seen, left)
    if (count % STEP === 0 && turn.isOver()) await turn.next()
  }
  return bytes
}

/** @param left takes what is in it, to be weighed as well. */
function weigh(value: unknown, seen: Set<unknown>, left: unknown[]): number {
  if (typeof value === 'string') return HEAD_BYTES + SLOT_BYTES + value.length
  if (typeof value !== 'object' || value === null || seen.has(value)) return SLOT_BYTES
  seen.add(value)
  if (ArrayBuffer.isView(value)) return HEAD_BYTES + value.byteLength
  if (Array.isArray(value) || value instanceof Set) return HEAD_BYTES + push(left, value)
  if (value instanceof Map)
    return HEAD_BYTES + push(left, value.keys()) + push(left, value.values())
  let bytes = HEAD_BYTES
  for (const [name, part] of Object.entries(value)) {
    bytes += SLOT_BYTES + name.length
    left.push(part)
  }
  return bytes
}

function push(left: unknown[], parts: Iterable<unknown>): number {
  for (const part of parts) left.push(part)
  return 0
}
