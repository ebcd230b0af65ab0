import { createHub } from './http/hub.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { createStreams, type LifecycleEvent, type Streams } from './operations/streams.ts'
import { createSubscriptions, type Subscriptions, type Webhooks } from './subscriptions/index.ts'
import type { House } from './http/house.ts'
import type { CheckedOptions } from './options.ts'
import type { Storage } from './storage/storage.ts'

/** What only the host of a door can give. */
export interface Host {
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
  /** How to reach webhooks; nothing on a host that cannot. */
  webhooks: Webhooks | undefined
}

/** A house in use, and how to leave it. */
export interface OpenHouse {
  house: House
  /** Goes on with what a storage of an earlier life holds. Rejects if that cannot be read. */
  start: () => Promise<void>
  /** Ends live reads and everything that goes on by itself; the storage stays open. */
  close: () => Promise<void>
}

/** Puts together what answers requests; nothing is read or written yet. */
export function openHouse(options: CheckedOptions, storage: Storage, host: Host): OpenHouse {
  const { now, onError, onLifecycle, rateLimit, authorize } = options
  const { pause } = host
  const streams = createStreams({ ...options, storage, onEvent: tell, newId, pause })
  const hub = createHub({ watch: storage.watch, pause })
  const subscriptions = openSubscriptions(options, storage, streams, host)
  const sweeper = createSweeper(streams, options)
  const house: House = {
    ...options,
    streams,
    hub,
    pause,
    authorize,
    reserved: subscriptions,
    rateLimit: rateLimit && createRateLimit(rateLimit, now, onError),
    random: Math.random,
    newId,
  }
  return {
    house,
    async start() {
      await subscriptions?.start()
    },
    async close() {
      hub.close()
      await Promise.all([subscriptions?.close(), sweeper.close()])
    },
  }

  function tell(event: LifecycleEvent): unknown {
    subscriptions?.onEvent(event)
    return onLifecycle?.(event)
  }
}

function openSubscriptions(
  { subscriptions, ...options }: CheckedOptions,
  storage: Storage,
  streams: Streams,
  { pause, webhooks }: Host,
): Subscriptions | undefined {
  if (!subscriptions) return undefined
  return createSubscriptions({
    ...options,
    storage,
    streams,
    webhooks,
    limits: subscriptions,
    random: Math.random,
    newId,
    timers: { set: setTimeout, clear: (timer) => clearTimeout(timer as number) },
    pause,
  })
}

/** Removes what has expired, every now and then. A process may end without waiting for the next. */
function createSweeper(
  streams: Streams,
  { sweepIntervalMs, onError }: CheckedOptions,
): { close: () => Promise<void> } {
  const stop = new AbortController()
  let sweeping: Promise<unknown> | undefined
  const timer = setInterval(() => {
    sweeping ??= streams
      .sweep(stop.signal)
      .catch(onError)
      .finally(() => (sweeping = undefined))
  }, sweepIntervalMs) as { unref?: () => void } & ReturnType<typeof setInterval>
  timer.unref?.()
  return {
    async close() {
      clearInterval(timer)
      stop.abort()
      await sweeping
    },
  }
}

/** 72 random bits, as 18 hexadecimal digits. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
