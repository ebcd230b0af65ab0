import { deferred } from '../../deferred.ts'
import type { LiveFetch } from '../live-fetch.ts'
import type { Channel, TabsEnvironment } from './environment.ts'
import { createFollower } from './follower.ts'
import { createLeader } from './leader.ts'
import { createOwn } from './own.ts'
import { MOVED, type Part, type Said } from './part.ts'
import { type Seat, takeSeat } from './seat.ts'

/** What is not used for so long is given back, in milliseconds: readers mostly ask again sooner. */
const LINGER_MS = 1000

/** This tab among those that may share a connection. */
export interface Group {
  /** @throws {@link MOVED} when it is to be asked again. */
  fetch: LiveFetch
  close(): void
}

/** @param digest what those tabs have in common. */
export function createGroup(
  environment: TabsEnvironment,
  digest: Promise<string>,
  local: LiveFetch,
  onClosed: () => void,
): Group {
  const ready = deferred()
  let hall: Channel | undefined
  let seat: Seat | undefined
  let part: Part | undefined
  let timer: ReturnType<typeof setTimeout>
  let isOver = false
  let steals = 0

  const onIdle = (): void => {
    clearTimeout(timer)
    // What was closed says once more that it is idle, when another may have its key by then.
    if (!isOver) timer = setTimeout(() => part?.isBusy() || close(), LINGER_MS)
  }
  const play = (next: Part): void => {
    const last = part
    part = next
    last?.close()
    ready.resolve()
    // Whoever asked may have gone meanwhile.
    onIdle()
  }
  const beAlone = (): void => {
    seat?.leave()
    play(createOwn(local, onIdle))
  }
  const onHang = (): void => {
    // Where no message comes through, tabs would take it from each other for ever.
    if (steals++) beAlone()
    else seat!.steal()
  }
  const open = (name: string): void => {
    if (isOver) return
    const channel = environment.openChannel(name)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel has one origin.
    const say = (said: Said): void => channel.postMessage(said)
    channel.onmessage = ({ data }) => {
      steals = 0
      part?.hear(data as Said)
    }
    hall = channel
    seat = takeSeat(
      environment.locks,
      name,
      () => play(createLeader(environment, say, local, onIdle)),
      () => play(createFollower(environment, name, say, onIdle, onHang)),
      beAlone,
    )
  }
  const close = (): void => {
    isOver = true
    clearTimeout(timer)
    part?.close()
    seat?.leave()
    hall?.close()
    ready.resolve()
    onClosed()
  }

  digest.then((its) => open(`streamwell/1/${its}`)).catch(beAlone)
  return {
    async fetch(request) {
      await ready.promise
      if (isOver) throw MOVED
      request.init.signal?.throwIfAborted()
      return part!.fetch(request)
    },
    close,
  }
}
