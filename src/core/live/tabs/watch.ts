import type { TabsEnvironment } from './environment.ts'

/** How often a leader has to speak, in milliseconds: to a tab that is shown, and to one that is not. */
const PING_MS = 175
const HIDDEN_PING_MS = 2000

/** A leader that let so many of these times go by hangs. */
const MAX_MISSED = 3

/** Looks whether the leader speaks. */
export interface Watch {
  heard(): void
  stop(): void
}

/**
 * @param ask asks the leader to say something; it is told whether it missed to.
 * @param onHang is called once, when the leader does not: then the watch is over.
 */
export function watchLeader(
  { isHidden, onPageEvents }: TabsEnvironment,
  ask: (isLate: boolean) => void,
  onHang: () => void,
): Watch {
  const life = new AbortController()
  let timer: ReturnType<typeof setTimeout>
  let isHeard = false
  let missed = 0

  const stop = (): void => {
    clearTimeout(timer)
    life.abort(1)
  }
  const wait = (): void => {
    clearTimeout(timer)
    // Not all at once: who asks first takes the place of one that hangs.
    timer = setTimeout(look, (isHidden() ? HIDDEN_PING_MS : PING_MS) * (1 + Math.random() / 8))
    ask(missed > 0)
  }
  // Times are counted, not measured: a tab that hung itself has yet to take what came meanwhile.
  const look = (): void => {
    missed = isHeard ? 0 : missed + 1
    isHeard = false
    if (missed < MAX_MISSED) return wait()
    stop()
    onHang()
  }

  onPageEvents(['visibilitychange'], wait, life.signal)
  wait()
  return {
    heard: () => void (isHeard = true),
    stop,
  }
}
