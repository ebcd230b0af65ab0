import type { JsonBatch } from '../../core/batch.ts'
import type { StreamStatus } from '../../core/status.ts'
import { openConnection } from './connection.ts'
import { createEars } from './ears.ts'
import type { PresenceOptions, PresenceRoom } from './options.ts'
import { watchPage } from './page.ts'
import type { View } from './view.ts'
import { createVoice } from './voice.ts'
import type { World } from './world.ts'

/** One stay in a room. */
export interface Stay {
  /** Our own state has changed. */
  changed: () => void
  /** @returns false if it was over before. */
  end: (status: StreamStatus) => boolean
  /** Resolves when the stream is closed, and rejects with what else ends the reading. */
  reading: Promise<void>
}

/**
 * Joins a room.
 *
 * @throws {StreamError} `invalid` for a URL that is none.
 */
export function startStay<State>(
  world: World,
  room: PresenceRoom,
  options: PresenceOptions,
  view: View<State>,
): Stay {
  const { expireAfterMs = 75_000, updateEveryMs = 50, maxSessions = 1000 } = options
  const beatMs = expireAfterMs / 3
  const controller = new AbortController()
  const { signal } = controller
  const onLost = (): void => ears.forget()
  const connection = openConnection({ room, options, signal, onStatus, onLost })
  const ears = createEars(world, view, expireAfterMs, maxSessions)
  const say = async (asks: boolean) => !isIn || connection.say({ ...view.own(), asks })
  const voice = createVoice(world, say, beatMs, signal)
  const onReturn = (): unknown => ears.isOpen() && join(true)
  const page = watchPage(world, options, { onChange, onLeave, onReturn }, signal)
  const stopTicking = world.every(beatMs / 5, tick)
  /** Others have been told of us. */
  let isIn = false
  /** We have changed while nobody could be reached. */
  let isBehind = false

  function onStatus(status: StreamStatus): void {
    if (signal.aborted) return
    if (status.kind !== 'live') ears.close()
    // An error ends the reading, and is told there.
    if (status.kind !== 'error') view.setStatus(status)
  }

  function receive(batch: JsonBatch): void {
    const { isAsked, isStrange, isBack, isOld } = ears.hear(batch)
    if (isAsked && isIn) voice.answer(view.roster().size)
    else if (isStrange && isIn) voice.greet(view.roster().size)
    if (isBack && !page.isLeft()) join(isOld)
  }

  function join(asks: boolean): void {
    // A connection that comes and goes is no reason to repeat ourselves.
    const isNew = asks || !isIn || isBehind
    isIn = true
    isBehind = false
    if (isNew) voice.within(0, asks)
  }

  function tick(): void {
    ears.expire()
    const isNew = view.tell({ away: page.isAway() })
    // Also while nothing is heard: what we say may get through.
    if (isIn && (isNew || voice.silentMs() >= beatMs * 0.9)) voice.within(0)
  }

  function onChange(waitMs = 0): void {
    view.tell({ away: page.isAway() })
    if (isIn) voice.within(waitMs)
  }

  function onLeave(): void {
    if (isIn) connection.sayAtLast({ key: view.own().key })
    isIn = false
    view.renew()
  }

  function end(status: StreamStatus): boolean {
    if (signal.aborted) return false
    controller.abort()
    stopTicking()
    onLeave()
    view.show(new Map())
    view.setStatus(status)
    return true
  }

  onChange()
  return {
    end,
    reading: connection.hear(receive),
    changed() {
      page.use()
      if (ears.isOpen()) onChange(Math.max(0, updateEveryMs - voice.silentMs()))
      else isBehind = true
    },
  }
}
