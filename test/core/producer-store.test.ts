import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import {
  DurableStream,
  IdempotentProducer,
  type ProducerState,
  type ProducerStore,
  stream,
} from '../../src/core/index.ts'
import { createFaultyFetch, seededRandom } from '../support/faulty-fetch.ts'
import { createFolder } from '../support/folder.ts'
import { scriptedFetch } from '../support/scripted-fetch.ts'
import { createStream, startServer } from '../support/server.ts'

const json = { contentType: 'application/json' }
const read = async (url: string): Promise<number[]> =>
  (await stream<number>({ url, live: false })).json()

/** As on a disk: what is loaded is not what was saved, but its copy. */
function memoryStore(): ProducerStore & { text: string | undefined } {
  return {
    text: undefined,
    async load() {
      return this.text === undefined ? undefined : (JSON.parse(this.text) as ProducerState)
    },
    async save(state) {
      this.text = JSON.stringify(state)
    },
  }
}

it('sends what an earlier process left, once, and goes on in the next epoch', async () => {
  const { url } = await startServer()
  const store = memoryStore()
  const { fetch } = scriptedFetch('ok', async () => new Promise<never>(() => undefined))
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch })
  const crashed = new IdempotentProducer(target, 'p', { store, maxBatchBytes: 1, maxInFlight: 1 })
  await Promise.all([1, 2].map((n) => crashed.append(n)))
  await expect.poll(() => crashed.pendingCount).toBe(1)

  const next = new IdempotentProducer(target, 'p', { store })
  await next.append(3)
  await next.flush()
  expect(next.epoch).toBe(1)
  expect(await read(target.url)).toEqual([1, 2, 3])
})

it('sends a batch only once it is kept', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch })
  let kept = (): void => undefined
  const keeping = new Promise<void>((resolve) => (kept = resolve))
  const store = { load: async () => undefined, save: () => keeping }
  const producer = new IdempotentProducer(target, 'p', { store, lingerMs: 0 })
  const appended = producer.append(1)
  const flushed = producer.flush()
  await target.head()
  expect(bodies).toHaveLength(0)
  kept()
  await appended
  await flushed
  expect(bodies).toHaveLength(1)
})

it('opens the next epoch only once the batches of the last are no longer kept', async () => {
  const { url } = await startServer()
  const { fetch, bodies } = scriptedFetch()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json, fetch })
  const left = { epoch: 0, seq: 0, count: 1, close: false, body: '[1]' }
  const state = { epoch: 0, seq: 1, batches: [left] }
  let isSaved = (): void => undefined
  const saved = new Promise<void>((resolve) => (isSaved = resolve))
  const epochs: number[][] = []
  const store: ProducerStore = {
    load: async () => state,
    async save({ batches }) {
      epochs.push(batches.map(({ epoch }) => epoch))
      if (epochs.length === 2) await saved
    },
  }
  const producer = new IdempotentProducer(target, 'p', { store })
  void producer.append(2)
  const flushed = producer.flush()
  await expect.poll(() => epochs).toEqual([[0, 1], [1]])
  await target.head()
  expect(bodies).toEqual(['[1]'])
  isSaved()
  await flushed
  expect(bodies).toEqual(['[1]', '[2]'])
})

it('saves one state after the other, over a restart too', async () => {
  const { url } = await startServer()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  let saving = 0
  let most = 0
  let lastEpoch = -1
  const store: ProducerStore = {
    load: async () => undefined,
    async save({ epoch }) {
      most = Math.max(most, ++saving)
      await target.head()
      saving--
      lastEpoch = epoch
    },
  }
  const producer = new IdempotentProducer(target, 'p', { store, maxBatchBytes: 1 })
  await Promise.all([1, 2, 3].map((n) => producer.append(n)))
  for (const n of [4, 5, 6]) void producer.append(n)
  producer.abort(new Error('left'))
  await producer.restart()
  await producer.append(7)
  await producer.detach()
  expect(most).toBe(1)
  expect(lastEpoch).toBe(1)
})

it('keeps bytes, and a closing, over a crash', async () => {
  const { url } = await startServer()
  const store = memoryStore()
  const contentType = 'application/octet-stream'
  const lost = new Promise<never>(() => undefined)
  const { fetch } = scriptedFetch(async () => lost)
  const target = await DurableStream.create({ url: `${url}/a`, contentType, fetch })
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const crashed = new IdempotentProducer(target, 'p', { store })
  void crashed.close(bytes)
  await expect.poll(() => store.text).toBeDefined()

  await new IdempotentProducer(target, 'p', { store }).flush()
  expect((await target.read()).data).toEqual(bytes)
  expect(await target.head()).toMatchObject({ closed: true })
})

it('shuts out a process that is still alive when another one takes over', async () => {
  const { url } = await startServer()
  const store = memoryStore()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const old = new IdempotentProducer(target, 'p', { store })
  await old.append(1)
  await old.flush()
  const taker = new IdempotentProducer(target, 'p', { store })
  await taker.append(2)
  await taker.flush()
  void old.append(3)
  await expect(old.flush()).rejects.toMatchObject({ name: 'StaleEpochError' })
  expect(await read(target.url)).toEqual([1, 2])
})

it.each(['load', 'save'] as const)('fails loudly when its store cannot %s', async (broken) => {
  const { url } = await startServer()
  const target = await DurableStream.create<number>({ url: `${url}/a`, ...json })
  const cause = new Error('disk full')
  const store = { ...memoryStore(), [broken]: async () => Promise.reject(cause) }
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const producer = new IdempotentProducer(target, 'p', { store, onError })
  const appended = producer.append(1)
  await expect(producer.flush()).rejects.toMatchObject({ code: 'invalid', cause })
  await expect(appended).rejects.toMatchObject({ cause })
  expect(errors).toHaveLength(1)
  expect(await read(target.url)).toEqual([])
})

it('loses nothing it accepted and repeats nothing, wherever it crashes, on a bad network', async () => {
  const { url } = await startServer()
  let streams = 0
  const crashes = fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.integer(), crashes, async (seed, steps) => {
      const path = `s${streams++}`
      await createStream(url, { path })
      const disk = memoryStore()
      const accepted: number[] = []
      let next = 0
      for (const [index, left] of [...steps, Infinity].entries()) {
        const life = mortal(left, createFaultyFetch(seededRandom(seed + index), 0.1).fetch, disk)
        const target = new DurableStream<number>({
          url: `${url}/${path}`,
          ...json,
          fetch: life.fetch,
          backoff: { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 50 },
        })
        const { store } = life
        const producer = new IdempotentProducer(target, 'p', {
          store,
          maxBatchBytes: 9,
          lingerMs: 0,
        })
        for (let n = 0; n < 20; n++) {
          const value = next++
          // What a dead process waited for fails long after, and concerns nobody.
          const late = (): void => undefined
          void producer.append(value).then(() => life.isAlive() && accepted.push(value), late)
        }
        await Promise.race([life.death, producer.detach()])
      }
      const stored = await read(`${url}/${path}`)
      expect(stored).toEqual([...new Set(stored)].sort((a, b) => a - b))
      expect(stored).toEqual(expect.arrayContaining(accepted))
    }),
    { numRuns: 60 },
  )
})

/** A process that dies after so many steps: nothing it did then has any effect. */
function mortal(steps: number, network: typeof fetch, disk: ProducerStore) {
  let left = steps
  let die = (): void => undefined
  const death = new Promise<void>((resolve) => (die = resolve))
  const never = new Promise<never>(() => undefined)
  const step = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    if (--left < 0) die()
    if (left < 0) return never
    const result = await run()
    return left < 0 ? never : result
  }
  return {
    death,
    isAlive: () => left >= 0,
    fetch: ((...args) => step(() => network(...args))) as typeof fetch,
    store: { load: () => step(() => disk.load()), save: (state) => step(() => disk.save(state)) },
  } satisfies { store: ProducerStore; [name: string]: unknown }
}

it('loses nothing it accepted and repeats nothing when its process is killed again and again', async () => {
  const { url } = await startServer()
  const target = await createStream(url, { contentType: 'text/plain' })
  const folder = await createFolder()
  onTestFinished(folder.remove)
  const file = join(folder.path, 'producer.json')
  const accepted: string[] = []
  for (let run = 0; run < 4; run++) {
    const lines = await killed(target, file, run)
    expect(lines.length).toBeGreaterThan(0)
    accepted.push(...lines)
  }
  const store = {
    load: async () => JSON.parse(readFileSync(file, 'utf8')) as ProducerState,
    save: async () => undefined,
  }
  const writer = new DurableStream({ url: target })
  await new IdempotentProducer(writer, 'p', { store }).detach()
  const text = await (await stream({ url: target, live: false })).text()
  const stored = text.trim().split(' ')
  expect(new Set(stored).size).toBe(stored.length)
  expect(new Set(stored)).toEqual(new Set([...stored, ...accepted]))
  for (let run = 0; run < 4; run++) {
    const own = stored.filter((value) => value.startsWith(`${run}:`))
    expect(own).toEqual(own.map((_, n) => `${run}:${n}`))
  }
})

const PROGRAM = fileURLToPath(new URL('../support/run-producer.ts', import.meta.url))

/** What a producer says it accepted, up to a moment after it began, when it is killed. */
async function killed(url: string, file: string, run: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, url, file, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  const enough = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString()
      if (said.length > 300 * (run + 1)) resolve()
    })
  })
  const gone = once(child, 'exit')
  await Promise.race([enough, gone])
  child.kill('SIGKILL')
  await gone
  return said
    .slice(0, said.lastIndexOf(' ') + 1)
    .trim()
    .split(' ')
}
