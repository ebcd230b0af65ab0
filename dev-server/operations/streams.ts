import { isExpired, decideTouch, mustNoteUse } from './expiry.ts'
import { createAnnouncer, type LifecycleEvent } from './lifecycle.ts'
import { readPage, type ReadOutcome } from './read.ts'
import { REGISTRY_PATH, isSystemPath, newRegistry } from './registry.ts'
import { sweepExpired } from './sweep.ts'
import { append, create, end, type Ground } from './writes.ts'
import type { Append, AppendOutcome } from './append.ts'
import type { Create, CreateOutcome } from './create.ts'
import type { DeleteOutcome } from './end.ts'
import type { Storage, StreamRecord } from '../storage/storage.ts'

export type { LifecycleEvent } from './lifecycle.ts'

/** Every operation of the protocol on the streams of one storage. */
export interface Streams {
  /** Protocol sections 2 and 7. */
  create(path: string, command: Create): Promise<CreateOutcome>
  /** Protocol sections 3 and 4. */
  append(path: string, command: Append): Promise<AppendOutcome>
  /** Protocol section 5, `DELETE`, and 7. */
  remove(path: string): Promise<DeleteOutcome>
  /** The stream, if there is one for its users. */
  find(path: string): Promise<StreamRecord | undefined>
  /** {@link find}, but it finds what is kept for forks too, marked `softDeleted`. */
  describe(path: string): Promise<StreamRecord | undefined>
  /** Protocol sections 5 and 7: about `maxBytes` from `start` on, at least one whole message. */
  page(path: string, start: number | 'now', maxBytes: number): Promise<ReadOutcome>
  /** A reader used the stream: slides its expiry. */
  touch(path: string, record: StreamRecord): Promise<void>
  /** Removes what expired, in one pass over all streams. Resolves to how many ended. */
  sweep(signal?: AbortSignal): Promise<number>
}

export interface StreamsOptions {
  storage: Storage
  /** Milliseconds since 1970. */
  now: () => number
  /** Is told of each event once it is durable. What it throws goes to `onError`. */
  onEvent: (event: LifecycleEvent) => void
  /** Is told of failures of `onEvent`. Default: nobody is. */
  onError?: (error: unknown) => void
  /** How many streams may be stored. Default 1,000,000. */
  maxStreams?: number
  /** How many producers may write to one stream. Default 100,000. */
  maxProducersPerStream?: number
  /** A new identity of a stream, unlike any other. Default: random. */
  newId?: () => string
  /** Lets the event loop turn once. Default: a timer. */
  pause?: () => Promise<void>
}

export function createStreams(options: StreamsOptions): Streams {
  const {
    onError = () => undefined,
    maxStreams = 1_000_000,
    maxProducersPerStream = 100_000,
    newId = () => crypto.randomUUID(),
    pause = () => new Promise((resolve) => setTimeout(resolve, 0)),
  } = options
  const { storage, now } = options
  const announce = createAnnouncer(options.onEvent, onError)
  const ground = { storage, now, announce, maxStreams, maxProducersPerStream, newId, pause }

  return {
    create: (path, command) => create(ground, path, command),
    append: (path, command) => append(ground, path, command),
    async remove(path) {
      if (isSystemPath(path)) return { kind: 'reserved' }
      return (await end(ground, path, 'deletion')).outcome
    },
    async find(path) {
      const record = await describe(ground, path)
      return record?.softDeleted ? undefined : record
    },
    describe: (path) => describe(ground, path),
    page: (path, start, maxBytes) => page(ground, path, start, maxBytes),
    async touch(path, record) {
      const at = now()
      if (!mustNoteUse(record, at)) return
      await storage.update(path, (stored) => decideTouch(stored, record.id, at))
    },
    sweep: (signal) => sweepExpired({ storage, now, pause, expire }, signal),
  }

  async function expire(path: string): Promise<number> {
    return (await end(ground, path, 'expiry')).ended.length
  }
}

async function describe(ground: Ground, path: string): Promise<StreamRecord | undefined> {
  const { storage, now } = ground
  if (isHidden(path)) return undefined
  for (;;) {
    const record = (await storage.read(path, 0, 0))?.record
    if (record && !record.softDeleted && isExpired(record, now())) await end(ground, path, 'expiry')
    else if (record || path !== REGISTRY_PATH) return record
    else await openRegistry(ground)
  }
}

async function page(
  ground: Ground,
  path: string,
  start: number | 'now',
  maxBytes: number,
): Promise<ReadOutcome> {
  if (isHidden(path)) return { kind: 'not-found' }
  for (;;) {
    const step = await readPage(ground.storage, path, start, maxBytes, ground.now())
    if (step.kind === 'expired') await end(ground, path, 'expiry')
    else if (step.kind === 'not-found' && path === REGISTRY_PATH) await openRegistry(ground)
    else return step
  }
}

/** Makes the registry for who reads it before the first stream was created. */
function openRegistry({ storage, newId }: Ground): Promise<void> {
  const record = newRegistry(newId())
  return storage.update(REGISTRY_PATH, (found) => ({
    outcome: undefined,
    ...(!found && { change: { kind: 'create', record } }),
  }))
}

/** Whether a path is where the server keeps what is no stream. */
function isHidden(path: string): boolean {
  return isSystemPath(path) && path !== REGISTRY_PATH
}
