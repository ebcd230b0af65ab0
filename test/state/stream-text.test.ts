import { describe, expect, it, vi } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { createStreamText } from '../../src/state/stream-text/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { SERVERS } from '../support/servers.ts'
import { mapStorage, openTab, type TextPage } from './text-pages.ts'
import { readsLive } from '../support/live-reads.ts'

async function createText(
  base: string,
  contentType = 'text/plain',
): Promise<DurableStream<string>> {
  return DurableStream.create<string>({ url: `${base}/answers/1`, contentType })
}

const shows = (page: TextPage, text: string): Promise<void> =>
  eventually(() => expect(page.text.getSnapshot().text).toBe(text))

const has = (page: TextPage, kind: string): Promise<void> =>
  eventually(() => expect(page.text.getSnapshot().status.kind).toBe(kind))

/** Counts requests, and the live ones that are open. */
function countingFetch(): { fetch: typeof fetch; urls: string[]; open: () => number } {
  const urls: string[] = []
  let open = 0
  return {
    urls,
    open: () => open,
    fetch: async (input, init) => {
      urls.push(String(input))
      if (readsLive(input)) {
        open++
        init?.signal?.addEventListener('abort', () => open--)
      }
      return fetch(input, init)
    },
  }
}

describe.each(SERVERS)('a text on $name', ({ start }) => {
  it('grows as it is written, and is done when its stream is closed', async () => {
    const answer = await createText(await start())
    await answer.append('Once ')
    const page = openTab({ url: answer.url }).load()
    await shows(page, 'Once ')
    await has(page, 'live')
    expect(page.text.getSnapshot().isDone).toBe(false)
    await answer.append('upon ')
    await shows(page, 'Once upon ')
    await answer.close('a time')
    await eventually(() => expect(page.text.getSnapshot().isDone).toBe(true))
    const { text, status, error, isStopped } = page.text.getSnapshot()
    expect({ text, status, error, isStopped }).toEqual({
      text: 'Once upon a time',
      status: { kind: 'closed' },
      error: undefined,
      isStopped: false,
    })
  })

  it('goes on after a reload where it was, and asks for nothing twice', async () => {
    const answer = await createText(await start())
    const counting = countingFetch()
    const tab = openTab({ url: answer.url, fetch: counting.fetch })
    await answer.append('Once ')
    const before = tab.load()
    await shows(before, 'Once ')
    const { offset } = before.text.getSnapshot()
    before.unload()
    before.kill()
    await answer.append('upon ')

    const asked = counting.urls.length
    const after = tab.load()
    expect(after.shown).toEqual(['Once '])
    await shows(after, 'Once upon ')
    const { searchParams } = new URL(counting.urls[asked]!)
    expect(searchParams.get('offset')).toBe(offset)
  })

  it('is there whole after a reload, with no request', async () => {
    const answer = await createText(await start())
    await answer.close('All of it')
    const counting = countingFetch()
    const tab = openTab({ url: answer.url, fetch: counting.fetch })
    const before = tab.load()
    await shows(before, 'All of it')
    before.kill()

    const asked = counting.urls.length
    const after = tab.load()
    expect(after.text.getSnapshot()).toMatchObject({
      text: 'All of it',
      isDone: true,
      status: { kind: 'closed' },
    })
    after.leave()
    after.text.subscribe(() => {})()
    expect(counting.urls).toHaveLength(asked)
  })

  it('starts clean when its stream was made again', async () => {
    const answer = await createText(await start())
    await answer.append('The text that was there before')
    const tab = openTab({ url: answer.url })
    const before = tab.load()
    await shows(before, 'The text that was there before')
    before.unload()
    before.kill()
    await answer.delete()
    await answer.create({ contentType: 'text/plain' })
    await answer.append('Anew')

    const after = tab.load()
    expect(after.shown).toEqual(['The text that was there before'])
    await shows(after, 'Anew')
    expect(after.shown).toEqual(['The text that was there before', '', 'Anew'])
  })

  it('keeps a character that is cut by a reload', async () => {
    const answer = await createText(await start())
    const [first, ...others] = new TextEncoder().encode('€')
    await answer.append(Uint8Array.of(0x35, first!))
    const tab = openTab({ url: answer.url })
    const before = tab.load()
    await shows(before, '5')
    await eventually(() => {
      before.unload()
      expect(tab.storage.getItem(`streamwell:text:${answer.url}`)).toContain(`[${first}]`)
    })
    before.kill()
    const after = tab.load()
    await has(after, 'live')
    await answer.append(Uint8Array.from(others))
    await shows(after, '5€')
    await answer.append('each')
    await shows(after, '5€each')
    expect(after.shown).toEqual(['5', '5€', '5€each'])
  })
})

describe('the answer of a model, as JSON', () => {
  it('tells why it ended, also after a reload', async () => {
    const { url } = await startServer()
    const answer = await createText(url, 'application/json')
    const parts = [{ text: 'Once ' }, { text: 'upon ' }, { text: 'a time' }]
    await DurableStream.prototype.appendAll.call(answer, parts)
    await DurableStream.prototype.close.call(answer, { end: 'finished' })
    const tab = openTab({ url: answer.url })
    const before = tab.load()
    await eventually(() => expect(before.text.getSnapshot().isDone).toBe(true))
    const told = { text: 'Once upon a time', end: 'finished' }
    expect(before.text.getSnapshot()).toMatchObject(told)
    before.kill()
    expect(tab.load().text.getSnapshot()).toMatchObject(told)
  })

  it('is shown once for all that comes at once', async () => {
    const { url } = await startServer()
    const answer = await createText(url, 'application/json')
    await answer.appendAll(Array.from({ length: 5000 }, () => '"word "'))
    const page = openTab({ url: answer.url }).load()
    await shows(page, 'word '.repeat(5000))
    expect(page.shown).toHaveLength(2)
  })
})

describe('a stream that is not there yet', () => {
  it('is waited for', async () => {
    const { url } = await startServer()
    const page = openTab({ url: `${url}/answers/1` }).load()
    await has(page, 'connecting')
    const answer = await createText(url)
    await answer.append('Here it is')
    await shows(page, 'Here it is')
    expect(page.statuses).toEqual(['idle', 'connecting', 'live'])
    expect(page.errors).toEqual([])
  })

  it('is not waited for when that is so wished, and is asked for again by resume', async () => {
    const { url } = await startServer()
    const page = openTab({ url: `${url}/answers/1`, waitMs: 0 }).load()
    await has(page, 'error')
    expect(page.text.getSnapshot().error?.code).toBe('not-found')
    expect(page.errors.map(({ code }) => code)).toEqual(['not-found'])
    await (await createText(url)).append('Here it is')
    page.text.resume()
    await shows(page, 'Here it is')
    expect(page.text.getSnapshot().error).toBeUndefined()
  })
})

describe('a text that is stopped', () => {
  it('shows what it had, reads nothing more, also after a reload, and goes on when told to', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    await answer.append('Once ')
    const counting = countingFetch()
    const tab = openTab({ url: answer.url, fetch: counting.fetch })
    const before = tab.load()
    await shows(before, 'Once ')
    before.text.stop()
    expect(before.text.getSnapshot()).toMatchObject({
      text: 'Once ',
      isStopped: true,
      isDone: false,
      status: { kind: 'idle' },
    })
    await eventually(() => expect(counting.open()).toBe(0))
    await answer.append('upon ')
    before.unload()
    before.kill()

    const asked = counting.urls.length
    const after = tab.load()
    expect(after.text.getSnapshot()).toMatchObject({ text: 'Once ', isStopped: true })
    expect(counting.urls).toHaveLength(asked)
    after.text.resume()
    await shows(after, 'Once upon ')
    expect(after.text.getSnapshot().isStopped).toBe(false)
  })

  it('loses nothing when it is stopped and told to go on at once', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    const page = openTab({ url: answer.url }).load()
    await has(page, 'live')
    for (let n = 0; n < 20; n++) {
      await answer.append(`${n} `)
      page.text.stop()
      page.text.resume()
    }
    const all = Array.from({ length: 20 }, (_, n) => `${n} `).join('')
    await shows(page, all)
  })

  it('shows nothing more, also of what is on its way by a fetch that cannot be aborted', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    await answer.append('Once ')
    let came = ''
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const { body, headers } = await globalThis.fetch(input, { ...init, signal: null })
      const noted = body!.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, wire) {
            came += new TextDecoder().decode(chunk)
            wire.enqueue(chunk)
          },
        }),
      )
      return new Response(noted, { headers })
    }
    const page = openTab({ url: answer.url, fetch }).load()
    await eventually(() => expect(came).toContain('event: control'))
    page.text.stop()
    await answer.append('upon ')
    await eventually(() => expect(came).toContain('upon '))
    // What was to be done with it is done.
    await new Promise((resolve) => setImmediate(resolve))
    expect(page.text.getSnapshot().text).toBe('Once ')
    page.text.resume()
    await shows(page, 'Once upon ')
    expect(page.shown).toEqual(['', 'Once ', 'Once upon '])
    await answer.close()
  })

  it('stays done when it was done', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    await answer.close('All')
    const page = openTab({ url: answer.url }).load()
    await has(page, 'closed')
    page.text.stop()
    expect(page.text.getSnapshot()).toMatchObject({ isDone: true, isStopped: false })
    expect(page.text.getSnapshot().status.kind).toBe('closed')
  })
})

describe('a storage', () => {
  it('that is full is told of once, and the text goes on', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    const full = mapStorage()
    full.setItem = () => {
      throw new DOMException('exceeded the quota', 'QuotaExceededError')
    }
    const page = openTab({ url: answer.url, keepIn: full }).load()
    for (const word of ['Once ', 'upon ', 'a time']) {
      await answer.append(word)
      await eventually(() => expect(page.text.getSnapshot().text).toContain(word))
      page.unload()
    }
    await shows(page, 'Once upon a time')
    expect(page.errors).toHaveLength(1)
    expect(page.errors[0]!.message).toContain('exceeded the quota')
    expect(page.errors[0]!.message).toContain(answer.url)
  })

  it('that may not be looked at is told of once, and the text is read', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    await answer.append('Once')
    const forbidden = mapStorage()
    forbidden.getItem = () => {
      throw new DOMException('access is denied', 'SecurityError')
    }
    const page = openTab({ url: answer.url, keepIn: forbidden }).load()
    await shows(page, 'Once')
    expect(page.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('access is denied'),
    ])
  })

  it('is written to seldom while the text grows fast', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    const storage = mapStorage()
    const setItem = vi.spyOn(storage, 'setItem')
    const page = openTab({ url: answer.url, keepIn: storage }).load()
    await has(page, 'live')
    const startMs = performance.now()
    for (let n = 0; n < 200; n++) await answer.append('word ')
    await shows(page, 'word '.repeat(200))
    expect(page.shown.length).toBeGreaterThan(20)
    expect(setItem.mock.calls.length).toBeLessThan(2 + (performance.now() - startMs) / 500)
  })

  it('is not used when the text shall not be kept', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    await answer.close('All')
    const tab = openTab({ url: answer.url, keepIn: false })
    const before = tab.load()
    await has(before, 'closed')
    before.unload()
    before.kill()
    const after = tab.load()
    expect(after.shown).toEqual([''])
    await shows(after, 'All')
  })
})

describe('a connection', () => {
  it('is one for all subscribers, and ends a moment after the last has left', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    const counting = countingFetch()
    const { fetch } = counting
    const first = createStreamText(answer.url, { fetch, releaseAfterMs: 20 })
    const second = createStreamText(answer.url, { fetch })
    expect(second).toBe(first)
    expect(createStreamText(answer.url, { fetch: countingFetch().fetch })).not.toBe(first)

    const leaves = [first, second, first].map((text) => text.subscribe(() => {}))
    await eventually(() => expect(counting.open()).toBe(1))
    leaves[0]!()
    leaves[1]!()
    await answer.append('Once')
    await eventually(() => expect(second.getSnapshot().text).toBe('Once'))
    expect(counting.open()).toBe(1)
    leaves[2]!()
    await eventually(() => expect(counting.open()).toBe(0))
    await eventually(() => expect(first.getSnapshot().status.kind).toBe('idle'))

    await answer.append(' upon')
    const leave = first.subscribe(() => {})
    await eventually(() => expect(first.getSnapshot().text).toBe('Once upon'))
    leave()
  })

  it('that is refused is an error, with what had come', async () => {
    const { url } = await startServer()
    const answer = await createText(url)
    await answer.append('Once')
    let isAllowed = true
    const fetch: typeof globalThis.fetch = async (input, init) =>
      isAllowed ? globalThis.fetch(input, init) : new Response('no more', { status: 403 })
    const tab = openTab({ url: answer.url, fetch })
    const before = tab.load()
    await shows(before, 'Once')
    before.unload()
    before.kill()
    isAllowed = false
    const after = tab.load()
    await has(after, 'error')
    expect(after.text.getSnapshot()).toMatchObject({ text: 'Once', isDone: false })
    expect(after.text.getSnapshot().error?.code).toBe('forbidden')
  })

  it('to an address that is none is an error', async () => {
    const page = openTab({ url: 'nowhere' }).load()
    await has(page, 'error')
    expect(page.text.getSnapshot().error?.code).toBe('invalid')
  })
})
