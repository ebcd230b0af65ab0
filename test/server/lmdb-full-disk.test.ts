import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { newFolder, openLmdb } from '../support/lmdb-folder.ts'
import { append, commit, record } from '../support/storage-steps.ts'
import { post, startServer } from '../support/server.ts'
import type { Storage } from '../../dev-server/storage/storage.ts'

interface Disk {
  /** Folder on it. */
  path: string
  /** Where the store must end, if the disk does not end by itself. */
  maxBytes?: number
  /** Makes it larger. */
  extend?: () => void
}

const SIZE = 6 * 1024 * 1024

/** Disks that are soon full. A real one needs the right to mount. */
const DISKS: [string, () => Disk][] = [
  ['a store that may not grow', () => ({ path: newFolder(), maxBytes: SIZE })],
  ...(canMount() ? [['a full disk', mountedDisk] as [string, () => Disk]] : []),
]

// What LMDB itself has no room for it says there, and may then take the process down.
beforeEach(() => void vi.spyOn(console, 'error'))
afterEach(() => {
  const said = vi.mocked(console.error).mock.calls
  vi.restoreAllMocks()
  if (said.length > 0) throw new Error(`LMDB met the full disk: ${String(said[0])}`)
})

describe.each(DISKS)('%s', (_name, newDisk) => {
  it('refuses what it has no room for, serves what it holds, and takes more when there is room', async () => {
    const { path, extend, ...options } = newDisk()
    const storage = openLmdb(path, options)
    for (const name of STREAMS) await commit(storage, name, { kind: 'create', record })
    const stored = await fillUp(storage, STREAMS)
    for (const name of STREAMS) {
      expect(await lengthOf(storage, name)).toBe(stored.get(name))
    }
    if (extend) extend()
    else for (const name of STREAMS.slice(5)) await commit(storage, name, { kind: 'delete' })
    await append(storage, 'stream 1', 'more')
    expect(await lengthOf(storage, 'stream 1')).toBe(stored.get('stream 1')! + 4)
  })

  it('can be emptied, and filled again', async () => {
    const { path, ...options } = newDisk()
    const storage = openLmdb(path, options)
    for (const name of STREAMS) await commit(storage, name, { kind: 'create', record })
    await fillUp(storage, STREAMS)
    for (const name of STREAMS) await commit(storage, name, { kind: 'delete' })
    await commit(storage, 'stream 1', { kind: 'create', record })
    const again = await fillUp(storage, ['stream 1'])
    expect(again.get('stream 1')).toBeGreaterThan(SIZE / 10)
  })

  it('holds after a restart what it acknowledged', async () => {
    const { path, ...options } = newDisk()
    const storage = openLmdb(path, options)
    await commit(storage, 'stream 1', { kind: 'create', record })
    const stored = await fillUp(storage, ['stream 1'])
    await storage.close()
    const opened = openLmdb(path, options)
    expect(await lengthOf(opened, 'stream 1')).toBe(stored.get('stream 1'))
  })

  it('is told to callers as 507', async () => {
    const { path, maxBytes } = newDisk()
    const lmdb = maxBytes ? { path, maxBytes } : { path }
    const { url } = await startServer({ storage: { lmdb } })
    const headers = { 'content-type': 'text/plain' }
    await fetch(`${url}/a`, { method: 'PUT', headers })
    const body = 'x'.repeat(500_000)
    let statuses = 204
    while (statuses === 204) statuses = (await post(`${url}/a`, body, headers)).status
    expect(statuses).toBe(507)
    expect((await fetch(`${url}/a`)).status).toBe(200)
  })
})

it('an answer that rests on what could not be stored is refused with it', async () => {
  const storage = openLmdb(newFolder(), { maxBytes: SIZE })
  await commit(storage, 'a', { kind: 'create', record })
  const tooMuch = append(storage, 'a', new Uint8Array(2 * SIZE))
  const seen = storage.update('a', (found) => ({ outcome: found?.tail }))
  const refused = storage.update('a', (found) => {
    if (found?.tail) throw new RangeError('not empty')
    return { outcome: 'empty' }
  })
  await expect(tooMuch).rejects.toMatchObject({ code: 'unavailable', status: 507 })
  await expect(seen).rejects.toMatchObject({ status: 507 })
  await expect(refused).rejects.toMatchObject({ status: 507 })
  expect(await storage.update('a', (found) => ({ outcome: found?.tail }))).toBe(0)
})

const STREAMS = Array.from({ length: 10 }, (_, i) => `stream ${i}`)

/** Appends until each of many in a row was refused. @returns how many bytes each stream holds. */
async function fillUp(storage: Storage, streams: string[]): Promise<Map<string, number>> {
  const stored = new Map(streams.map((name) => [name, 0]))
  const line = `${'x'.repeat(6_999)}\n`
  for (let refused = 0; refused < 30; ) {
    const name = streams[refused % streams.length]!
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () => append(storage, name, line)),
    )
    for (const result of results) {
      if (result.status === 'fulfilled') stored.set(name, stored.get(name)! + line.length)
      else expect(result.reason).toMatchObject({ code: 'unavailable', status: 507 })
    }
    if (results.some(({ status }) => status === 'rejected')) refused += 1
  }
  return stored
}

async function lengthOf(storage: Storage, path: string): Promise<number> {
  return Buffer.concat((await storage.read(path, 0, SIZE))!.bytes).length
}

function mountedDisk(): Disk {
  const path = newFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', path])
  onTestFinished(() => void execFileSync('umount', ['-l', path]))
  const extend = (): void => {
    execFileSync('mount', ['-o', `remount,size=${2 * SIZE}`, path])
  }
  return { path, extend }
}

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const path = mkdtempSync(join(tmpdir(), 'streamwell-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', path], { stdio: 'ignore' })
    execFileSync('umount', [path])
    return true
  } catch {
    return false
  } finally {
    rmSync(path, { recursive: true })
  }
}
