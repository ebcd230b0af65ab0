import { createLiveFetch } from '../../../src/core/live/create-live-fetch.ts'
import type { LiveFetch } from '../../../src/core/live/live-fetch.ts'
import { loadLive, setLiveFetch } from '../../../src/core/live.ts'
import type { Chance } from '../../simulation/chance.ts'
import { VirtualClock } from '../../simulation/clock.ts'
import { enter, replaceGlobals, settle } from '../../simulation/globals.ts'

/** What {@link replaceGlobals} replaces, and `MessageChannel`, by which a database yields. */
const REPLACED: readonly [object, readonly string[]][] = [
  [globalThis, ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval']],
  [globalThis, ['MessageChannel', 'reportError', 'requestIdleCallback', 'cancelIdleCallback']],
  [Date, ['now']],
  [Math, ['random']],
  [performance, ['now']],
  [crypto, ['getRandomValues', 'randomUUID']],
  [AbortSignal, ['timeout']],
  [Error, ['stackTraceLimit']],
]

/** Tells a test of what would have ended the process, or stood on the console. */
export interface Reports {
  /** By {@link reportError}: a callback of the user's threw, which must stop nothing. */
  reported: unknown[]
  unhandled: unknown[]
}

/**
 * Runs `work`, a test's worth of simulations, with clock and chance replaced; each calls
 * {@link inTime} first. Everything is as before when it ends.
 */
export async function withVirtualTime(work: () => Promise<void>): Promise<void> {
  // Where time is virtual, nothing can be loaded.
  setLiveFetch((request) => live(request))
  await loadLive()
  const before = REPLACED.flatMap(([object, names]) =>
    names.map((name) => [object, name, Object.getOwnPropertyDescriptor(object, name)] as const),
  )
  const onUnhandled = (reason: unknown): void => void reports.unhandled.push(reason)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', onUnhandled)
  replaceGlobals()
  Object.assign(globalThis, {
    MessageChannel: VirtualMessageChannel,
    reportError: (error: unknown) => reports.reported.push(error),
    requestIdleCallback: undefined,
    cancelIdleCallback: undefined,
  })
  // It asks `getRandomValues` where nobody can replace it.
  crypto.randomUUID = () => `${uuids++}-0-0-0-0` as const
  try {
    await work()
  } finally {
    process.removeListener('unhandledRejection', onUnhandled)
    for (const listener of others) process.on('unhandledRejection', listener)
    for (const [object, name, descriptor] of before) {
      if (descriptor) Object.defineProperty(object, name, descriptor)
      else Reflect.deleteProperty(object, name)
    }
  }
}

let live: LiveFetch
let reports: Reports = { reported: [], unhandled: [] }
let clock: VirtualClock
let uuids = 0

/** Begins a simulation: a time of its own, and all that chance decides from one seed. */
export function inTime(chance: Chance): { clock: VirtualClock; reports: Reports } {
  clock = new VirtualClock()
  reports = { reported: [], unhandled: [] }
  uuids = 0
  enter(clock, chance.random)
  live = createLiveFetch({
    tabs: undefined,
    isLimited: () => false,
    load: { tabs: () => Promise.reject(), turns: () => Promise.reject() },
  })
  return { clock, reports }
}

/** Lets all happen that is due within `ms`, then that much time has passed. */
export async function pass(ms: number): Promise<void> {
  const end = clock.now + ms
  let isOver = false
  clock.after(ms, () => (isOver = true))
  await settle()
  while (!isOver && clock.step()) await settle()
  clock.now = Math.max(clock.now, end)
}

/** A message comes in the next turn, at the same moment. */
class VirtualMessageChannel {
  readonly port1: { onmessage?: (() => void) | null; close: () => void } = {
    close: () => undefined,
  }
  readonly port2 = {
    postMessage: (): void => void clock.after(0, () => this.port1.onmessage?.()),
    close: (): void => undefined,
  }
}
