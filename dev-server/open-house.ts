import { createHub } from './http/hub.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { createStreams } from './operations/streams.ts'
import type { House } from './http/house.ts'
import type { CheckedOptions } from './options.ts'
import type { Storage } from './storage/storage.ts'

/** What only the host of a door can give. */
export interface Host {
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
}

/** A house in use, and how to leave it. */
export interface OpenHouse {
  house: House
  /** Ends live reads and everything that goes on by itself; the storage stays open. */
  close: () => Promise<void>
}

/** Puts together what answers requests; nothing is read or written yet. */
export function openHouse(options: CheckedOptions, storage: Storage, { pause }: Host): OpenHouse {
  const { now, onError, onLifecycle, rateLimit, authorize, maxStreams, maxProducersPerStream } =
    options
  const streams = createStreams({
    storage,
    now,
    onEvent: (event) => onLifecycle?.(event),
    onError,
    maxStreams,
    maxProducersPerStream,
    newId,
    pause,
  })
  const hub = createHub({ streams, watch: storage.watch, pause })
  const house: House = {
    ...options,
    streams,
    hub,
    pause,
    authorize,
    reserved: undefined,
    rateLimit: rateLimit && createRateLimit(rateLimit, now, onError),
    random: Math.random,
    newId,
  }
  return {
    house,
    async close() {
      hub.close()
    },
  }
}

/** 72 random bits, as 18 hexadecimal digits. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
