import { createHash, randomInt } from 'node:crypto'
import { openSync, closeSync } from 'node:fs'
import { unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StreamError } from '../../../src/core/errors.ts'
import type { Environment } from './environment.ts'

/** The right to write to a store, held by one instance at a time. */
export interface Claim {
  /** Commits must find it as the version of {@link OWNER_KEY}: none else's can then follow. */
  nonce: number
  release(): Promise<void>
}

/** Key, in the database of owners, of the current one. Its version is the owner's nonce. */
export const OWNER_KEY = 'owner'

/** Longest socket path that all systems take: 104 bytes with the closing zero on some. */
const MAX_SOCKET_PATH = 100

/**
 * Makes this instance the owner of the store. An owner listens on a socket as long as it lives, and
 * the system closes that socket with the process however it ends, so nothing goes stale. The name of
 * the owner changes in a transaction, from the one that was found dead, so of many that try one wins.
 *
 * @throws {StreamError} `unavailable` if another instance, here or in another process, is alive.
 */
export async function claimStore(environment: Environment): Promise<Claim> {
  const { directory, owners } = environment
  const nonce = randomInt(1, 2 ** 47)
  const server = await listen(directory, nonce)
  try {
    for (;;) {
      const before = currentOwner(environment)
      if (before && (await isAlive(directory, before.nonce))) throw inUse(directory, before.pid)
      const isOurs = owners.transactionSync(() => {
        if (currentOwner(environment)?.nonce !== before?.nonce) return false
        owners.putSync(OWNER_KEY, String(process.pid), { version: nonce })
        return true
      })
      if (!isOurs) continue
      if (before) await unlink(socketPath(directory, before.nonce)).catch(() => undefined)
      return { nonce, release: () => close(server, directory, nonce) }
    }
  } catch (error) {
    await close(server, directory, nonce)
    throw error
  }
}

function currentOwner({ owners }: Environment): { nonce: number; pid: string } | undefined {
  owners.resetReadTxn()
  const found = owners.getEntry(OWNER_KEY)
  return found && { nonce: found.version!, pid: found.value }
}

async function listen(directory: string, nonce: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  await atSocket(directory, nonce, (path) => {
    return new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      // Exclusive: workers of a cluster would share the socket, and all be owners.
      server.listen({ path, exclusive: true }, () => {
        server.off('error', reject)
        resolve()
      })
    })
  }).catch((cause: unknown) => {
    const message = `Cannot make a socket in ${directory}: use a folder on a local disk`
    throw new StreamError('invalid', message, { cause })
  })
  return server.unref()
}

/** Whether a process listens on the socket. One that is too busy to answer is alive. */
function isAlive(directory: string, nonce: number): Promise<boolean> {
  return atSocket(directory, nonce, (path) => {
    return new Promise<boolean>((resolve) => {
      const socket = connect(path)
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', ({ code }: NodeJS.ErrnoException) => {
        resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT')
      })
    })
  })
}

/** Gives `action` a name for the owner's socket that is short enough for the system. */
async function atSocket<T>(
  directory: string,
  nonce: number,
  action: (path: string) => Promise<T>,
): Promise<T> {
  const path = socketPath(directory, nonce)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH || process.platform !== 'linux')
    return action(path)
  const folder = openSync(directory, 'r')
  try {
    return await action(`/proc/self/fd/${folder}/${socketName(nonce)}`)
  } finally {
    closeSync(folder)
  }
}

function socketPath(directory: string, nonce: number): string {
  const name = socketName(nonce)
  // Outside the folder the name says which it is: a copy of a store has the owner of the original.
  const elsewhere = `streamwell-${folderName(directory)}-${name}`
  if (process.platform === 'win32') return `\\\\.\\pipe\\${elsewhere}`
  const path = join(directory, name)
  const isShort = Buffer.byteLength(path) <= MAX_SOCKET_PATH || process.platform === 'linux'
  return isShort ? path : join(tmpdir(), elsewhere)
}

function folderName(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 16)
}

function socketName(nonce: number): string {
  return `owner-${nonce.toString(36)}.sock`
}

async function close(server: Server, directory: string, nonce: number): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()))
  // Node removes it too, but not if it was made under a short name.
  await unlink(socketPath(directory, nonce)).catch(() => undefined)
}

function inUse(directory: string, pid: string): StreamError {
  const message = `The store in ${directory} is in use by process ${pid}: stop that one first, or use another path`
  return new StreamError('unavailable', message)
}
