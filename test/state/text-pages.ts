import { onTestFinished, vi } from 'vitest'
import { openStreamText } from '../../src/state/stream-text/open-stream-text.ts'
import type { StreamText, StreamTextOptions } from '../../src/state/stream-text/index.ts'
import type { StreamError } from '../../src/core/index.ts'

/** A storage that is the memory of one browser tab. */
export function mapStorage(items: Record<string, string> = {}): Storage {
  const kept = new Map(Object.entries(items))
  return {
    get length() {
      return kept.size
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  }
}

/** One load of a page that shows a text. */
export interface TextPage {
  text: StreamText
  /** Every text that was shown. */
  shown: string[]
  statuses: string[]
  errors: StreamError[]
  leave: () => void
  /** Nothing of it runs any more, nor reaches the storage. */
  kill: () => void
  /** As a browser does it: the page is told that it is left. */
  unload: () => void
}

export interface TabOptions extends StreamTextOptions {
  url: string
}

/** A tab of a browser, whose page can be loaded again. */
export function openTab(
  { url, ...options }: TabOptions,
  storage: Storage = mapStorage(),
): { load: () => TextPage; storage: Storage } {
  function load(): TextPage {
    const events = new EventTarget()
    const life = new AbortController()
    const keepIn = options.keepIn ?? whileAlive(storage, life.signal)
    const errors: StreamError[] = []
    const fetch: typeof globalThis.fetch = (input, init = {}) => {
      if (life.signal.aborted) return new Promise(() => {})
      const request = new AbortController()
      const abort = (): void => request.abort()
      for (const signal of [life.signal, init.signal]) {
        signal?.addEventListener('abort', abort, { signal: request.signal })
      }
      return (options.fetch ?? globalThis.fetch)(input, { ...init, signal: request.signal })
    }
    const onError = (error: StreamError): unknown => errors.push(error)
    vi.stubGlobal('addEventListener', events.addEventListener.bind(events))
    const text = openStreamText({ url, ...options, fetch }, url, { onError, ...options, keepIn })
    const shown: string[] = []
    const statuses: string[] = []
    const look = (): void => {
      if (life.signal.aborted) return
      const { text: now, status } = text.getSnapshot()
      if (shown.at(-1) !== now) shown.push(now)
      if (statuses.at(-1) !== status.kind) statuses.push(status.kind)
    }
    look()
    const leave = text.subscribe(look)
    const page: TextPage = {
      text,
      shown,
      statuses,
      errors,
      leave,
      unload: () => void events.dispatchEvent(new Event('pagehide')),
      kill() {
        life.abort()
        leave()
      },
    }
    onTestFinished(() => page.kill())
    return page
  }

  onTestFinished(() => void vi.unstubAllGlobals())
  return { load, storage }
}

function whileAlive(storage: Storage, signal: AbortSignal): Storage {
  return {
    ...storage,
    setItem(key, value) {
      if (!signal.aborted) storage.setItem(key, value)
    },
    removeItem(key) {
      if (!signal.aborted) storage.removeItem(key)
    },
  }
}
