import { expect, it, onTestFinished } from 'vitest'
import { memoryStorage, type Storage } from '../../dev-server/index.ts'
import { createStream, post, startServer } from '../support/server.ts'

const MB = 1024 * 1024

/** Counts turns of the event loop until the test ends. */
function countTurns(): () => number {
  let turns = 0
  let timer = setImmediate(function next() {
    turns += 1
    timer = setImmediate(next)
  })
  onTestFinished(() => clearImmediate(timer))
  return () => turns
}

/** Memory storage that tells of each call in which turn it came. */
function turnsOf(method: 'read' | 'update'): { storage: Storage; turns: number[] } {
  const storage = memoryStorage()
  const turn = countTurns()
  const turns: number[] = []
  const original = storage[method].bind(storage) as (...args: unknown[]) => unknown
  const counted = (...args: unknown[]): unknown => {
    turns.push(turn())
    return original(...args)
  }
  return { storage: { ...storage, [method]: counted }, turns }
}

/** The most calls in any one turn. */
function mostAtOnce(turns: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const turn of turns) counts.set(turn, (counts.get(turn) ?? 0) + 1)
  return Math.max(...counts.values())
}

it.each(['text/plain', 'application/json', 'image/png'])(
  'a reader who is as fast as the server keeps nobody waiting (%s)',
  async (contentType) => {
    const { storage, turns } = turnsOf('read')
    const { url } = await startServer({ storage })
    const stream = await createStream(url, { contentType })
    const line = '1\n'.repeat(MB / 2)
    const body = contentType === 'application/json' ? `[${'1,'.repeat(MB / 2)}1]` : line
    for (let i = 0; i < 4; i++) await post(stream, body, { 'content-type': contentType })
    turns.length = 0

    const left = new AbortController()
    const answer = await fetch(`${stream}?offset=-1&live=sse`, { signal: left.signal })
    let text = ''
    for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += part.slice(-200)
      if (text.includes('"upToDate":true')) break
    }
    left.abort()
    expect(turns.length).toBeGreaterThan(10)
    // The first glance and the first frame may come together.
    expect(mostAtOnce(turns)).toBeLessThanOrEqual(2)
  },
)

it.each([
  ['many messages', `[${'{"a":1},'.repeat(500_000)}1]`],
  ['one long message', `"${'x'.repeat(4 * MB)}"`],
  ['deep brackets', '['.repeat(2 * MB) + ']'.repeat(2 * MB)],
  ['nothing but space', `${' '.repeat(4 * MB)}1`],
])('a long JSON body is read in many turns: %s', async (_name, body) => {
  const turn = countTurns()
  const storage = memoryStorage()
  let began = 0
  const { url } = await startServer({
    storage,
    // Asked just before the body is read.
    authorize() {
      began = turn()
      return { allowed: true }
    },
  })
  const stream = await createStream(url)
  const { update } = storage
  let stored = 0
  storage.update = (...args) => {
    stored = turn()
    return update(...args)
  }
  expect((await post(stream, body)).status).toBe(204)
  expect(stored - began).toBeGreaterThan(body.length / (128 * 1024))
})
