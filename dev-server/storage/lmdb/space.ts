import { open, type FileHandle } from 'node:fs/promises'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { StreamError } from '../../../src/core/errors.ts'
import type { Environment } from './environment.ts'
import type { Writes } from './writes.ts'

/**
 * Room on the disk for the next commit, before LMDB writes a page. LMDB must not meet a full disk:
 * the way in which lmdb 3 puts that failure into words damages the memory of the process. So while
 * the disk has plenty there is nothing to do; when it has not, the file is first made longer by
 * zeros, which fails in an orderly way.
 */
export interface Space {
  /**
   * Resolves, or returns nothing, when the commit will find room. Not while another commit runs.
   *
   * @throws {StreamError} `unavailable`, status 507, when there is none.
   */
  reserve(writes: Writes): Promise<void> | undefined
  close(): Promise<void>
}

/** With so much free, what others may write until the next look cannot fill the disk. */
const PLENTY_BYTES = 2 ** 30
const LOOK_EVERY_MS = 100

/** Kept for commits that only remove, so that a full store can be emptied. */
const KEPT_BYTES = 640 * 1024

/** The same when a quarter of the file is free pages: then commits hardly make it longer. */
const KEPT_WHEN_SPARSE_BYTES = 256 * 1024
const SPARSE_SHARE = 0.25

/** The file is made longer by so much at once. */
const STEP_BYTES = 2 ** 20

/** File systems that take new room for every write: room in the file is no promise there. */
const COPY_ON_WRITE = new Set([0x9123683e, 0x2fc12fc1, 0xca451a4e])

export async function createSpace(
  environment: Environment,
  maxBytes: number,
  now: () => number,
): Promise<Space> {
  const { directory } = environment
  const file = await open(join(directory, 'data.mdb'), 'r+')
  let freeBytes = 0
  let lookedAt = -Infinity
  await dropHoles(file, environment)

  return {
    reserve(writes) {
      const most = 2 * writes.bytes + 16_384 * (writes.puts.length + writes.removes.length)
      const isRecent = now() - lookedAt < LOOK_EVERY_MS
      if (maxBytes === Infinity && isRecent && freeBytes > PLENTY_BYTES + most) {
        freeBytes -= most
        return undefined
      }
      return look(writes, most)
    },

    close: () => file.close(),
  }

  async function look(writes: Writes, most: number): Promise<void> {
    const { bavail, bsize, type } = await statfs(directory)
    freeBytes = bavail * bsize - most
    lookedAt = now()
    const { needed, lastByte, kept } = estimate(environment, writes)
    const wanted = lastByte + needed + (writes.grows ? kept : 0)
    if (wanted > maxBytes) throw full(directory, `its file may have ${maxBytes} bytes`)
    if (freeBytes > PLENTY_BYTES) return
    if (COPY_ON_WRITE.has(type) && freeBytes < 2 * needed + KEPT_BYTES) {
      throw full(directory, `the disk has ${bavail * bsize} bytes left`)
    }
    await lengthen(wanted)
  }

  async function lengthen(wanted: number): Promise<void> {
    const { size } = await file.stat()
    if (size >= wanted) return
    try {
      await fill(file, size, wanted + STEP_BYTES).catch(() => fill(file, size, wanted))
    } catch (cause) {
      throw full(directory, cause instanceof Error ? cause.message : String(cause), cause)
    }
  }
}

/** How many bytes a commit may add to the file at most: as if no page of it were used again. */
function estimate(
  { data }: Environment,
  { puts, removes }: Writes,
): { needed: number; lastByte: number; kept: number } {
  const stats = data.getStats() as Stats
  const { pageSize, lastPageNumber, root, free } = stats
  const branches = root.treeBranchPageCount + root.treeLeafPageCount
  const freeTree = pagesOf(free)
  // Removed keys are neighbours of one another, two in a page or more.
  const touched = 3 * puts.length + Math.ceil(removes.length / 2)
  let pages = 16 + 2 * freeTree + Math.min(branches, touched)
  let inline = 0
  for (const { value } of puts) {
    if (value.length < pageSize / 2) inline += value.length + 64
    else pages += Math.ceil((value.length + 64) / pageSize)
  }
  pages += Math.ceil((3 * inline) / pageSize)
  const freePages = lastPageNumber - pagesOf(root) - freeTree
  const sparse = freePages > SPARSE_SHARE * lastPageNumber
  return {
    needed: pages * pageSize,
    lastByte: (lastPageNumber + 1) * pageSize,
    kept: sparse ? KEPT_WHEN_SPARSE_BYTES : KEPT_BYTES,
  }
}

interface Stats {
  pageSize: number
  lastPageNumber: number
  root: Tree
  free: Tree
}

interface Tree {
  treeBranchPageCount: number
  treeLeafPageCount: number
  overflowPages: number
}

function pagesOf({ treeBranchPageCount, treeLeafPageCount, overflowPages }: Tree): number {
  return treeBranchPageCount + treeLeafPageCount + overflowPages
}

/** Writes zeros up to `to`, or leaves the file as it was. */
async function fill(file: FileHandle, from: number, to: number): Promise<void> {
  const zeros = Buffer.alloc(Math.min(to - from, STEP_BYTES))
  try {
    for (let at = from; at < to; ) {
      const { bytesWritten } = await file.write(zeros, 0, Math.min(zeros.length, to - at), at)
      at += bytesWritten
    }
    await file.datasync()
  } catch (error) {
    await file.truncate(from)
    throw error
  }
}

/** A copy of the file may have holes where there were zeros: no room was taken for them. */
async function dropHoles(file: FileHandle, { data }: Environment): Promise<void> {
  const { size, blocks } = await file.stat()
  const { pageSize, lastPageNumber } = data.getStats() as Stats
  const used = (lastPageNumber + 1) * pageSize
  if (size > used && blocks * 512 < size) await file.truncate(used)
}

function full(directory: string, reason: string, cause?: unknown): StreamError {
  const message = `No room in ${directory} (${reason}): free some space, or delete streams`
  return new StreamError('unavailable', message, { status: 507, cause })
}
