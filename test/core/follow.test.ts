import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import type { Connect } from '../../src/core/connect.ts'
import { StreamError } from '../../src/core/errors.ts'
import { follow } from '../../src/core/follow.ts'
import type { ReadOptions } from '../../src/core/read-options.ts'
import type { StreamStatus } from '../../src/core/status.ts'

afterEach(() => {
  vi.useRealTimers()
})

const backoff = { firstDelayMs: 1, maxDelayMs: 1, maxAttempts: 3, maxTotalMs: Infinity }
const endpoint = { backoff, timeoutMs: 40_000 }

const at = (offset: string, more: Partial<Batch> = {}): Batch => ({
  parts: [],
  offset,
  upToDate: true,
  streamClosed: false,
  ...more,
})
const reset = new StreamError('disconnected', 'socket reset')
const last = at('9', { streamClosed: true })

/** A server that plays connections one after the other, and tells what it was asked. */
function playing(...connections: (Batch | StreamError)[][]): { connect: Connect; asked: string[] } {
  const asked: string[] = []
  const connect: Connect = async (position, live) => {
    asked.push(`${live ?? 'plain'} from ${position.offset}`)
    return play(connections.shift() ?? [last])
  }
  return { connect, asked }
}

async function* play(connection: (Batch | StreamError)[]): AsyncGenerator<Batch, void> {
  for (const step of connection) {
    if (step instanceof Error) throw step
    yield step
  }
}

async function offsetsOf(connect: Connect, more: ReadOptions = {}): Promise<string[]> {
  const offsets: string[] = []
  const { signal = new AbortController().signal } = more
  for await (const batch of follow(endpoint, more, signal, connect)) offsets.push(batch.offset)
  return offsets
}

describe('a live reader', () => {
  it('goes on from the last batch when its connection breaks', async () => {
    const { connect, asked } = playing([at('1')], [at('2'), reset], [at('2')], [at('3'), last])

    expect(await offsetsOf(connect)).toEqual(['1', '2', '2', '3', '9'])
    expect(asked).toEqual(['plain from -1', 'sse from 1', 'plain from 2', 'sse from 2'])
  })

  it('catches up by plain reads when its connection ends while it is behind', async () => {
    const behind = at('2', { upToDate: false })
    const { connect, asked } = playing([at('1')], [behind], [at('3')], [last])

    expect(await offsetsOf(connect)).toEqual(['1', '2', '3', '9'])
    expect(asked).toEqual(['plain from -1', 'sse from 1', 'plain from 2', 'sse from 3'])
  })

  it('storms no server whose connections end at once and never say that it is up to date', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval'] })
    const asked: number[] = []
    const controller = new AbortController()
    const connect: Connect = async (_, live) => {
      asked.push(Date.now())
      return [at('1', { upToDate: !live })]
    }
    const reading = offsetsOf(connect, { live: 'sse', signal: controller.signal })
    const startedAt = Date.now()
    await vi.advanceTimersByTimeAsync(10_000)
    controller.abort()
    await reading.catch(() => undefined)

    expect(asked.filter((time) => time < startedAt + 10_000).length).toBeLessThan(150)
  })

  it('never gives up once it was answered', async () => {
    const { connect } = playing([at('1')], ...Array.from({ length: 20 }, () => [reset]))
    expect(await offsetsOf(connect)).toEqual(['1', '9'])
  })

  it('gives up when it was never answered', async () => {
    const { connect, asked } = playing([reset], [reset], [reset])
    await expect(offsetsOf(connect)).rejects.toBe(reset)
    expect(asked).toHaveLength(3)
  })

  it('reads by long-poll where SSE connections keep breaking', async () => {
    const { connect, asked } = playing([at('1')], [], [], [], [at('2')])

    expect(await offsetsOf(connect)).toEqual(['1', '2', '9'])
    expect(asked.slice(1)).toEqual([
      'sse from 1',
      'sse from 1',
      'sse from 1',
      'long-poll from 1',
      'long-poll from 2',
    ])
  })

  it('reads by long-poll where SSE is refused, and refused again', async () => {
    const refusal = new StreamError('bad-request', 'no SSE here')
    const { connect, asked } = playing([at('1')], [refusal], [at('1')], [refusal], [at('1')])
    await offsetsOf(connect)
    expect(asked.slice(1)).toEqual([
      'sse from 1',
      'plain from 1',
      'sse from 1',
      'plain from 1',
      'long-poll from 1',
    ])
  })

  it('reads by long-poll where SSE breaks twice and is refused then', async () => {
    const refusal = new StreamError('bad-request', 'no SSE here')
    const lines = [[at('1')], [reset], [at('1')], [reset], [at('1')], [refusal], [at('1')]]
    const { connect, asked } = playing(...lines)

    expect(await offsetsOf(connect)).toEqual(['1', '1', '1', '1', '9'])
    expect(asked.at(-1)).toBe('long-poll from 1')
  })

  it('stays with SSE when that was asked for by name', async () => {
    const { connect, asked } = playing([at('1')], [], [], [], [])
    await offsetsOf(connect, { live: 'sse' })
    expect(new Set(asked.slice(1))).toEqual(new Set(['sse from 1']))
  })

  it('asks a server that answers the same offset at once about once a second', async () => {
    vi.useFakeTimers()
    const controller = new AbortController()
    const { connect, asked } = playing(...Array.from({ length: 1000 }, () => [at('1')]))
    const reading = offsetsOf(connect, { live: 'long-poll', signal: controller.signal })
    const ended = reading.catch((reason: unknown) => reason)

    await vi.advanceTimersByTimeAsync(60_000)
    controller.abort('seen enough')
    expect(await ended).toBe('seen enough')

    expect(asked.length).toBeGreaterThan(50)
    expect(asked.length).toBeLessThan(70)
  })

  it('tells each change of its status once', async () => {
    const { connect } = playing(
      [at('1', { upToDate: false })],
      [at('2')],
      [at('3'), at('4'), reset],
    )
    const seen: StreamStatus['kind'][] = []
    await offsetsOf(connect, { onStatus: ({ kind }) => seen.push(kind) })
    expect(seen).toEqual(['connecting', 'catching-up', 'live', 'offline', 'connecting', 'closed'])
  })
})

describe('any reader', () => {
  it('stops at the end of what is stored unless it is live', async () => {
    const { connect } = playing([at('1', { upToDate: false })], [at('2')])
    expect(await offsetsOf(connect, { live: false })).toEqual(['1', '2'])
  })

  it('notices that the server went back, and says from where to where', async () => {
    const { connect } = playing([at('5')], [at('2')], [at('2')])
    const reading = offsetsOf(connect)
    await expect(reading).rejects.toMatchObject({ code: 'gone', offset: '2' })
    await expect(reading).rejects.toThrow('from 2 to 5')
  })

  it('passes on at once what waiting will not improve', async () => {
    const refusal = new StreamError('forbidden', 'no')
    const { connect, asked } = playing([refusal])
    await expect(offsetsOf(connect)).rejects.toBe(refusal)
    expect(asked).toHaveLength(1)
  })

  it('ends at once when it is aborted while it waits to try again', async () => {
    const controller = new AbortController()
    const { connect } = playing([reset])
    const reading = offsetsOf(connect, {
      signal: controller.signal,
      backoff: { firstDelayMs: 60_000, maxDelayMs: 60_000, maxAttempts: 9, maxTotalMs: Infinity },
      onStatus: ({ kind }) => kind === 'offline' && queueMicrotask(() => controller.abort('left')),
    })
    await expect(reading).rejects.toBe('left')
  })
})
