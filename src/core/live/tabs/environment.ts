import { isPageHidden } from '../../line.ts'

/** What the tabs of one origin have in common, and what each of them is told. */
export interface TabsEnvironment {
  locks: Locks
  /** @throws where the browser refuses it, as in a frame of an opaque origin. */
  openChannel: (name: string) => Channel
  /** A short name for a text, the same in each tab, from which the text cannot be had. */
  digest: (text: string) => Promise<string>
  /** This tab's `fetch`, which all have alike: requests by another one stay in their page. */
  readonly send: typeof fetch
  isHidden: () => boolean
  /** Calls back at events of the page until `signal` aborts: `pagehide`, `pageshow`, `freeze`, … */
  onPageEvents: (types: readonly string[], listener: () => void, signal: AbortSignal) => void
}

/** The part of `LockManager` that is used: exclusive locks, held until the callback's promise settles. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; steal?: boolean; signal?: AbortSignal },
    /** Gets `null` when `ifAvailable` was asked for, and it is not. */
    callback: (lock: unknown) => unknown,
  ): Promise<unknown>
}

/** The part of `BroadcastChannel` that is used. */
export interface Channel {
  postMessage(message: unknown): void
  onmessage: ((event: { data: unknown }) => void) | null
  close(): void
}

/**
 * The browser's own, or nothing where a part of it is missing: on pages that are not served over
 * HTTPS, in old browsers, and outside of browsers.
 */
export function browserTabs(): TabsEnvironment | undefined {
  const host = globalThis as Partial<typeof globalThis>
  const locks = host.navigator?.locks as Locks | undefined
  const subtle = host.crypto?.subtle
  // Node has locks and channels too, but no tabs.
  const isBrowser = 'document' in host || 'importScripts' in host
  if (!isBrowser || !locks || !subtle || !host.BroadcastChannel) return undefined
  return {
    locks,
    openChannel: (name) => new BroadcastChannel(name) as Channel,
    async digest(text) {
      const bytes = await subtle.digest('SHA-256', new TextEncoder().encode(text))
      return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    },
    // Looked up each time: tools put their own in its place.
    get send() {
      return globalThis.fetch
    },
    isHidden: isPageHidden,
    onPageEvents(types, listener, signal) {
      // `freeze` is an event of the document, which a window hears on its way down alone.
      for (const type of types) addEventListener(type, listener, { signal, capture: true })
    },
  }
}
