import { byteLength } from './page.ts'
import type { Fork, Slice, Storage, StreamRecord } from '../storage/storage.ts'

/** Bytes that a stream passes on to the forks above it. */
interface Segment {
  path: string
  id: string
  start: number
  end: number
}

/**
 * Reads a stream as {@link Storage.read} does, but with the bytes that it inherits: up the chain of
 * its sources, each as far as its fork goes. Protocol section 7.
 */
export async function readThrough(
  storage: Storage,
  path: string,
  start: number,
  maxBytes: number,
): Promise<Slice | undefined> {
  for (;;) {
    const slice = await storage.read(path, start, maxBytes)
    const fork = slice?.record.fork
    if (!slice || !fork || start >= fork.at) return slice

    const inherited = await readInherited(storage, fork, start, maxBytes)
    const room = maxBytes - (inherited ? byteLength(inherited) : 0)
    if (inherited && start + maxBytes - room < fork.at) return { ...slice, bytes: inherited }
    const own = await storage.read(path, fork.at, room)
    if (own?.record.id !== slice.record.id) continue
    if (inherited) return { record: own.record, bytes: [...inherited, ...own.bytes] }
    throw new Error(`"${path}" has lost what it inherits from "${fork.path}"`)
  }
}

/** The bytes below `fork.at`, or nothing if a source is not what it was when it was forked. */
async function readInherited(
  storage: Storage,
  fork: Fork,
  start: number,
  maxBytes: number,
): Promise<Uint8Array[] | undefined> {
  const segments = await segmentsFrom(storage, fork, start)
  const bytes: Uint8Array[] = []
  let room = maxBytes
  for (const { path, id, start: from, end } of segments ?? []) {
    const wanted = Math.min(room, end - from)
    const slice = await storage.read(path, from, wanted)
    if (slice?.record.id !== id) return undefined
    bytes.push(...slice.bytes)
    const length = byteLength(slice.bytes)
    room -= length
    // Less than was asked for is what a driver may give: what follows would leave a gap.
    if (room <= 0 || length < wanted) break
  }
  return segments && bytes
}

/** Where the bytes from `start` to `fork.at` are, in their order. */
async function segmentsFrom(
  storage: Storage,
  fork: Fork,
  start: number,
): Promise<Segment[] | undefined> {
  const segments: Segment[] = []
  let end = fork.at
  let source: Fork | undefined = fork
  while (source && start < end) {
    const { path, id }: Fork = source
    const record: StreamRecord | undefined = (await storage.read(path, 0, 0))?.record
    if (record?.id !== id) return undefined
    const first = Math.max(start, record.fork?.at ?? 0)
    if (first < end) segments.unshift({ path, id, start: first, end })
    end = Math.min(end, first)
    source = record.fork
  }
  return segments
}
