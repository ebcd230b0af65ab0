import { connect } from '../harness/connection.ts'
import { readRequest, writeRequest } from '../server/load/request.ts'
import { keysOf, ownKeyOf, RATE } from './scene.ts'

/** Another client, which changes the streams of a page. */
export interface Writer {
  /** Writes a hundred updates a second, in turns to all streams, until it is stopped. */
  start(): void
  /** Resolves when all are stored. */
  stop(): Promise<void>
  /** How many updates are stored so far. */
  readonly written: number
  /** Resolves when the page's own counter has been changed. */
  ownUpdate(): Promise<void>
  /** The last value of each stream. */
  last: readonly number[]
  close(): void
}

const TICK_MS = 5

/** A value is the time of its writing, in milliseconds since 1970. */
function eventOf(value: number): Buffer {
  return Buffer.from(
    JSON.stringify({ type: 'state', key: 'value', value, headers: { operation: 'upsert' } }),
  )
}

/** Makes the streams, with a value in each. @param url of the streams. */
export async function openWriter(url: string, prefix: string): Promise<Writer> {
  const connection = await connect(url)
  const keys = keysOf(prefix)
  const last: number[] = []

  async function write(method: 'PUT' | 'POST', key: string, body: Buffer): Promise<void> {
    const { status } = await connection.ask(writeRequest(method, `${url}/${key}`, body))
    if (status >= 300) throw new Error(`${method} ${key} was answered with ${status}`)
  }

  async function update(index: number): Promise<void> {
    last[index] = Date.now()
    await write('POST', keys[index]!, eventOf(last[index]))
  }

  for (const [index, key] of keys.entries()) {
    await write('PUT', key, Buffer.from('[]'))
    await update(index)
  }
  await write('PUT', ownKeyOf(prefix), Buffer.from('[]'))

  let timer: ReturnType<typeof setInterval> | undefined
  let written = 0
  let writing = Promise.resolve()

  return {
    last,
    get written() {
      return written
    },
    start() {
      const began = performance.now()
      let due = 0
      timer = setInterval(() => {
        const target = Math.floor(((performance.now() - began) / 1000) * RATE)
        for (; due < target; due++) {
          const index = due % keys.length
          writing = writing.then(() => update(index)).then(() => void written++)
        }
      }, TICK_MS)
    },
    async stop() {
      clearInterval(timer)
      await writing
    },
    async ownUpdate() {
      const reader = await connect(url)
      // Long-polls, of which each may end with nothing.
      let status = 204
      const query = { offset: '-1', live: 'long-poll' }
      while (status === 204) {
        ;({ status } = await reader.ask(readRequest(`${url}/${ownKeyOf(prefix)}`, query)))
      }
      reader.close()
    },
    close: () => connection.close(),
  }
}
