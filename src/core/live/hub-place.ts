import type { HubQuestion } from './hub-reader.ts'
import type { HubEnd, HubTarget } from './hub-request.ts'
import { type Hub, openHub } from './hub.ts'
import type { MultiplexedStream } from './multiplexed-stream.ts'

/** A server that takes fewer says so. docs/protocol-extensions.md */
const MAX_STREAMS = 1000

/** A hub that is not there may be later: after so long it is tried again, in milliseconds. */
const MISSING_MS = 5 * 60_000

/** So often in a row one may fail where plain reads succeed, as behind a proxy that lets no POST by. */
const MAX_FAILURES = 3

/** With more kinds of credentials than that, hubs save nothing where connections are few. */
const MAX_KINDS = 2

/** All hubs at one address: mostly one. */
export interface HubPlace {
  /**
   * Whether it is worth asking.
   *
   * @param kind tells hubs apart that ask differently.
   */
  isUsable(kind: string): boolean
  /**
   * @param isLimited whether connections to the host are few.
   * @returns nothing, at once or later, if another try finds another way.
   */
  join(
    kind: string,
    target: HubTarget,
    path: string,
    question: HubQuestion,
    isLimited: boolean,
  ): Promise<Response | undefined> | undefined
}

export function createPlace(): HubPlace {
  const hubs = new Map<Hub, { kind: string; send: typeof fetch }>()
  let usableAt = 0
  /** Which credentials were refused last, and until when each stream is asked for by itself. */
  let refused: string | undefined
  let refusedUntil = 0
  let failures = 0
  /** What one hub takes, and until when that is believed, if it is fewer. */
  let maxStreams = MAX_STREAMS
  let limitedUntil = 0

  const avoid = (ms: number): void => {
    usableAt = Date.now() + ms
    for (const hub of hubs.keys()) hub.end()
  }

  const ended = (hub: Hub, kind: HubEnd['kind'], size: number): void => {
    if (kind === 'unauthorized') {
      refused = hubs.get(hub)!.kind
      refusedUntil = Date.now() + MISSING_MS
    }
    hubs.delete(hub)
    if (kind === 'over') failures = 0
    if (kind === 'too-many') {
      maxStreams = size >> 1
      limitedUntil = Date.now() + MISSING_MS
    }
    if (kind === 'missing' || !maxStreams) avoid(MISSING_MS)
    maxStreams ||= MAX_STREAMS
    // A page may be cut off for a moment while others are not, as one that asks for other tabs.
    if (kind === 'broken' && ++failures >= MAX_FAILURES) {
      avoid(Math.min(MISSING_MS, 1000 * 2 ** (failures - MAX_FAILURES)))
    }
  }

  /** Who had to ask apart goes on with the others once it is as far as they are. */
  const gather = (hub: Hub, path: string): void => {
    const its = hubs.get(hub)!
    let first: MultiplexedStream | undefined
    for (const [other, { kind, send }] of hubs) {
      const stream = kind === its.kind && send === its.send && other.stream(path)
      if (!stream) continue
      first?.adopt(stream)
      first ??= stream
    }
  }

  return {
    isUsable: (kind) => Date.now() >= usableAt && (kind !== refused || Date.now() >= refusedUntil),
    join(kind, target, path, question, isLimited) {
      let others = 0
      for (const [hub, its] of hubs) {
        const isSame = its.kind === kind && its.send === target.send
        const answered = isSame && hub.join(path, question)
        if (answered) return answered
        if (!isSame) others += 1
      }
      if (others >= MAX_KINDS && isLimited) return void avoid(MISSING_MS)
      if (Date.now() >= limitedUntil) maxStreams = MAX_STREAMS
      const hub = openHub(
        target,
        maxStreams,
        (at) => hubs.size > 1 && gather(hub, at),
        (how, size) => ended(hub, how, size),
      )
      hubs.set(hub, { kind, send: target.send })
      return hub.join(path, question)
    },
  }
}
