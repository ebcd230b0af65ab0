import { untilAborted } from '../../abort.ts'
import { handled } from '../../deferred.ts'
import { randomId } from '../../random-id.ts'
import { createUtf8Decoder } from '../../text.ts'
import type { LiveFetch } from '../live-fetch.ts'
import type { TabsEnvironment } from './environment.ts'
import { type Asked, type Item, openLink } from './link.ts'
import { createOwn, isText } from './own.ts'
import type { Part, Said } from './part.ts'

/** So many characters may be on their way that a follower's reader has not taken. */
const WINDOW = 2 ** 16

/**
 * Answers, by `local`, what this tab asks, and what followers ask.
 *
 * @param say says it in the hall.
 */
export function createLeader(
  environment: TabsEnvironment,
  say: (said: Said) => void,
  local: LiveFetch,
  onIdle: () => void,
): Part {
  const term = randomId()
  const own = createOwn(local, onIdle)
  /** What ends the service of each follower, by its channel. */
  const followers = new Map<string, () => void>()

  const forget = (name: string): void => {
    followers.get(name)?.()
    followers.delete(name)
    onIdle()
  }
  say({ leads: term })

  return {
    ...own,
    isBusy: () => followers.size > 0 || own.isBusy(),
    hear({ hello, isNew }) {
      if (!hello) return
      const isKnown = followers.has(hello)
      if (isNew) {
        forget(hello)
        const drop = (isAlive: boolean): void => {
          forget(hello)
          if (isAlive) say({ gone: hello })
        }
        followers.set(hello, serve(environment, hello, term, local, drop))
      } else if (!isKnown) {
        say({ gone: hello })
      }
    },
    close() {
      own.close()
      for (const name of followers.keys()) forget(name)
    },
  }
}

/** @returns what ends it. */
function serve(
  environment: TabsEnvironment,
  name: string,
  term: string,
  local: LiveFetch,
  drop: (isAlive: boolean) => void,
): () => void {
  const { locks, openChannel } = environment
  const life = new AbortController()
  const { signal } = life
  const calls = new Map<number, { used: number; line: AbortController; resume?: () => void }>()

  const take = (items: readonly Item[]): void => {
    // Whoever says nothing asks whether there is somebody.
    if (!items[0]) link.post()
    for (const item of items) {
      const call = calls.get(item.id)
      if ('ask' in item) void answer(item.id, item.ask)
      else if ('stop' in item) call?.line.abort(1)
      else if ('used' in item && call) {
        call.used = item.used
        call.resume?.()
      }
    }
  }
  const link = openLink(openChannel(name), term, take, () => drop(true))
  const say = (item: Item, size = 0): void => {
    if (signal.aborted) return
    if (link.isOverdue()) drop(true)
    else link.post(item, size)
  }

  const answer = async (id: number, { url, headers, cache, multiplex }: Asked): Promise<void> => {
    const line = new AbortController()
    const call: { used: number; line: AbortController; resume?: () => void } = { used: 0, line }
    calls.set(id, call)
    try {
      const init = { method: 'GET', headers: new Headers(headers), cache, signal: line.signal }
      const target = new URL(url)
      const { send } = environment
      const response = await local({ target, init: init as RequestInit, send, multiplex })
      const { status } = response
      const head = { id, status, headers: [...response.headers] }
      if (!isText(response)) {
        const body = response.body && (await response.arrayBuffer())
        return say({ ...head, body }, body?.byteLength)
      }
      say({ ...head, body: undefined })
      const decode = createUtf8Decoder()
      let sent = 0
      const reader = response.body!.getReader()
      for (let read = await reader.read(); read.value; read = await reader.read()) {
        const text = decode(read.value)
        sent += text.length
        say({ id, text }, text.length)
        while (sent - call.used > WINDOW) {
          await untilAborted(new Promise<void>((resolve) => (call.resume = resolve)), line.signal)
        }
      }
      say({ id, end: true })
    } catch {
      if (!line.signal.aborted) say({ id, fail: true })
    } finally {
      line.abort(1)
      calls.delete(id)
    }
  }

  link.post()
  // Its follower has it, as long as it lives.
  void handled(locks.request(name, { signal }, () => drop(false)))
  return () => {
    life.abort(1)
    link.close()
    for (const { line } of calls.values()) line.abort(1)
  }
}
