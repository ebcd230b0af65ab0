import type { PresenceOptions } from './options.ts'
import type { World } from './world.ts'

export interface PageListeners {
  /** The page is seen, or hidden, or used again, or its network is back. */
  onChange: () => void
  /** It is left: for good, or put aside to come back. */
  onLeave: () => void
  /** It was put aside, and is back. */
  onReturn: () => void
}

export interface Page {
  isAway: () => boolean
  /** Whether it is put aside. */
  isLeft: () => boolean
  use: () => void
}

/** Whether somebody is there: the page is seen, and has lately been used. */
export function watchPage(
  world: World,
  { awayAfterMs = Infinity }: PresenceOptions,
  { onChange, onLeave, onReturn }: PageListeners,
  signal: AbortSignal,
): Page {
  let isLeft = false
  let usedMs = world.now()

  const isAway = (): boolean => world.isHidden() || world.now() - usedMs >= awayAfterMs

  function use(): void {
    usedMs = world.now()
  }

  const on = (types: readonly string[], listener: () => void): void =>
    world.onPageEvents(types, listener, signal)

  on(['online'], () => onChange())
  on(['visibilitychange'], () => {
    use()
    onChange()
  })
  on(['pagehide'], () => {
    isLeft = true
    onLeave()
  })
  on(['pageshow'], () => {
    use()
    if (isLeft) onReturn()
    isLeft = false
  })
  if (awayAfterMs < Infinity) {
    on(['keydown', 'pointerdown'], () => {
      const wasAway = isAway()
      use()
      if (wasAway) onChange()
    })
  }
  return { isAway, use, isLeft: () => isLeft }
}
