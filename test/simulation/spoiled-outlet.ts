import type { Chance } from './chance.ts'
import type { RequestFault } from './faults.ts'
import type { Outlet } from './server-sent-events.ts'

type EventsFault = RequestFault & (`sse-${string}` | `hub-${string}`)

type What = 'broken' | 'ended' | 'silent' | 'held back'

export function isOfEvents(fault: RequestFault | undefined): fault is EventsFault {
  return /^(sse|hub)-/.test(fault ?? '')
}

/** Passes events on until its fault comes: after some bytes, or after the data of some event. */
export function spoiledOutlet(
  fault: EventsFault,
  sound: Outlet,
  chance: Chance,
  onFault: (what: What) => void,
): Outlet {
  let isSpoiled = false
  let bytesLeft = chance.pick([0, chance.between(1, 100), chance.between(1, 1000)])
  let dataLeft = chance.between(1, 3)
  const held: Parameters<Outlet['write']>[] = []

  function spoil(what: What): void {
    isSpoiled = true
    onFault(what)
  }

  if (fault.endsWith('-buffered')) {
    return {
      write: (...args) => {
        if (held.push(args) === 1) onFault('held back')
      },
      end() {
        for (const args of held) sound.write(...args)
        sound.end()
      },
    }
  }

  return {
    write(bytes, what, next) {
      if (isSpoiled) return
      if (fault.endsWith('-torn')) {
        sound.write(bytes, what, next)
        if (what === 'data' && --dataLeft === 0) spoil(chance.pick(['broken', 'ended']))
        return
      }
      bytesLeft -= bytes.length
      if (bytesLeft >= 0) return sound.write(bytes, what, next)
      sound.write(bytes.slice(0, bytes.length + bytesLeft), what)
      if (fault.endsWith('-silent')) spoil('silent')
      else spoil(fault.endsWith('-cut') ? 'broken' : 'ended')
    },
    end() {
      if (!isSpoiled) sound.end()
    },
  }
}
