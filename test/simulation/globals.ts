import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { currentTab } from './browser/tab.ts'
import type { VirtualClock } from './clock.ts'

/** Real turns of the event loop, whatever the globals say. */
const nextTurn = globalThis.setImmediate

setFlagsFromString('--expose-gc')

/** What only garbage collection breaks, such as a listener that is held weakly, shall break in the same place again. */
export const collectGarbage: () => void = runInNewContext('gc') as () => void

/** Lets everything run that needs no time to pass. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    nextTurn(resolve)
  })
}

let clock: VirtualClock
let random: () => number

/** From now on the code under test lives in this time and by this chance. */
export function enter(its: VirtualClock, chance: () => number): void {
  clock = its
  random = chance
}

/** Replaces the globals that tell time and chance, for good: for a process that does nothing else. */
export function replaceGlobals(): void {
  const setTimer =
    (isRepeated: boolean) =>
    (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): number =>
      clock.setTimer(() => run(...args), ms, isRepeated, currentTab())
  const clearTimer = (id: number | undefined): void => clock.clearTimer(id)

  Object.assign(globalThis, {
    setTimeout: setTimer(false),
    setInterval: setTimer(true),
    clearTimeout: clearTimer,
    clearInterval: clearTimer,
  })
  // Where an error was made is not asked, and costs more than all else.
  Error.stackTraceLimit = 0
  Date.now = () => clock.now
  performance.now = () => clock.elapsedMs
  Math.random = () => random()
  crypto.getRandomValues = (array) => {
    const bytes = new Uint8Array(array!.buffer, array!.byteOffset, array!.byteLength)
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
    return array
  }
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController()
    const late = new DOMException('The operation timed out', 'TimeoutError')
    clock.setTimer(() => controller.abort(late), ms, false)
    return controller.signal
  }
}
