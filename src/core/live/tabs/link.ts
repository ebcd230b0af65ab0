import type { LiveRequest } from '../live-fetch.ts'
import type { Channel } from './environment.ts'

/** What a follower asks for: a `LiveRequest` that can be copied. */
export interface Asked {
  url: string
  headers: [string, string][]
  cache: RequestCache | undefined
  multiplex: string | null
}

export function asked({ target, init, multiplex }: LiveRequest): Asked {
  const { headers, cache } = init
  return { url: target.href, headers: [...new Headers(headers)], cache, multiplex }
}

/** Of one request, by its number: what a follower says first, then what a leader says. */
export type Item = { id: number } & (
  | { ask: Asked }
  | { stop: true }
  /** So much of the text was taken from the body, in all. */
  | { used: number }
  /** With a body that is whole; nothing where texts are to come. */
  | { status: number; headers: [string, string][]; body: ArrayBuffer | null | undefined }
  | { text: string }
  | { end: true }
  | { fail: true }
)

interface Message {
  /** The leader's time in office, by which both sides tell who speaks to whom. */
  term: string
  /** Counts the messages of its side. */
  n: number
  /** How many of the other side's have come. */
  got: number
  items: readonly Item[]
  /** About how many characters that is. */
  size: number
}

export interface Link {
  /** Of the leader; nothing until it has spoken. */
  readonly term: string | undefined
  /** Sends it at the end of this tick, with all else of it; without an item, to be heard of. */
  post(item?: Item, size?: number): void
  /** Whether much was sent that was not heard of: the other side sleeps. */
  isOverdue(): boolean
  close(): void
}

/** The other side is told what came after so many messages, or so many characters. */
const TELL_EVERY = 64
const TELL_SIZE = 2 ** 18

/** A side that has heard of none of so many messages, or characters, counts as gone. */
const MAX_UNHEARD = 1000
const MAX_UNHEARD_SIZE = 2 ** 22

/**
 * One side of a channel between two tabs. A message that comes twice is taken once; where one is
 * missing, or late, the link is broken, and both sides begin anew.
 *
 * @param term nothing for a follower: the leader that speaks first is its own.
 */
export function openLink(
  channel: Channel,
  term: string | undefined,
  onItems: (items: readonly Item[]) => void,
  onBroken: () => void,
): Link {
  let outbox: Item[] = []
  let outboxSize = 0
  let isDue = false
  let isOpen = true
  let sent = 0
  let received = 0
  let untold = 0
  let untoldSize = 0
  let unheardSize = 0
  const unheard: number[] = []

  const flush = (): void => {
    isDue = false
    if (!isOpen || !term) return
    const size = outboxSize
    const message: Message = { term, n: sent++, got: received, items: outbox, size }
    outbox = []
    outboxSize = untold = untoldSize = 0
    unheard.push(size)
    unheardSize += size
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel has one origin.
    channel.postMessage(message)
  }
  const schedule = (): void => {
    if (!isDue) queueMicrotask(flush)
    isDue = true
  }

  channel.onmessage = ({ data }) => {
    const { term: its, n, got, items, size } = data as Message
    if (!isOpen || (term ? its !== term : n) || n < received) return
    if (n > received) return onBroken()
    term = its
    received++
    while (sent - unheard.length < got) unheardSize -= unheard.shift()!
    untoldSize += size
    if (++untold >= TELL_EVERY || untoldSize > TELL_SIZE || outbox[0]) schedule()
    onItems(items)
  }

  return {
    get term() {
      return term
    },
    post(item, size = 0) {
      if (item) outbox.push(item)
      outboxSize += size
      schedule()
    },
    isOverdue: () => unheard.length > MAX_UNHEARD || unheardSize > MAX_UNHEARD_SIZE,
    close() {
      isOpen = false
      channel.close()
    },
  }
}
