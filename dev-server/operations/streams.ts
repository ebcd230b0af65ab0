import { decideAppend, type Append, type AppendOutcome, type AppendStep } from './append.ts'
import {
  DEFAULT_CONTENT_TYPE,
  decideCreate,
  type Create,
  type CreateOutcome,
  type CreateStep,
  type ReadyCreate,
} from './create.ts'
import { chainOf, decideEnd, type DeleteOutcome, type Ended, type EndReason } from './end.ts'
import { decideTouch, isExpired, mustNoteUse } from './expiry.ts'
import { findForkPoint } from './fork.ts'
import { createAnnouncer, type Announcer, type LifecycleEvent } from './lifecycle.ts'
import { readPage, type ReadOutcome } from './read.ts'
import { NO_COUNTS, REGISTRY_PATH, isSystemPath, newRegistry, register } from './registry.ts'
import { sweepExpired } from './sweep.ts'
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
  /** How many producers may write to one stream. Default 10,000. */
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
    maxProducersPerStream = 10_000,
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

/** What every operation works with. */
interface Ground {
  storage: Storage
  now: () => number
  announce: Announcer
  maxStreams: number
  maxProducersPerStream: number
  newId: () => string
  pause: () => Promise<void>
}

async function create(ground: Ground, path: string, command: Create): Promise<CreateOutcome> {
  const { storage, now, announce, maxStreams } = ground
  const sourcePath = command.fork?.path
  if (isSystemPath(path) || (sourcePath !== undefined && isSystemPath(sourcePath))) {
    return { kind: 'reserved' }
  }
  // A stream that is said to be its own source has none; the update names it once.
  const sources = sourcePath === undefined || sourcePath === path ? [] : [sourcePath]
  for (;;) {
    const ready = await prepare(ground, command)
    const at = now()
    const step = await storage.update<CreateStep>(
      path,
      (stored, _producer, others) => {
        const source = sources.length > 0 ? others[0] : undefined
        const registry = others.at(-1)
        return decideCreate(path, stored, ready, { source, registry, maxStreams }, at)
      },
      { others: [...sources, REGISTRY_PATH] },
    )
    if (step.kind === 'expired') await end(ground, step.path, 'expiry')
    else if (step.kind !== 'source-changed') {
      if (step.kind === 'created') announce.created(path, step.record, at)
      return step
    }
  }
}

/** Reads what a fork needs to know of its source. */
async function prepare(
  { storage, pause }: Ground,
  { data, ...command }: Create,
): Promise<ReadyCreate> {
  const point = command.fork && (await findForkPoint(storage, command.fork, pause))
  const contentType = command.contentType ?? point?.contentType ?? DEFAULT_CONTENT_TYPE
  return {
    ...command,
    data: typeof data === 'function' ? await data(contentType) : data,
    ...(point && { point }),
  }
}

async function append(ground: Ground, path: string, command: Append): Promise<AppendOutcome> {
  if (isSystemPath(path)) return { kind: 'reserved' }
  for (;;) {
    const at = ground.now()
    const step = await (command.close
      ? appendAndClose(ground, path, command, at)
      : appendOnly(ground, path, command, at))
    if (step.kind !== 'expired') return step
    await end(ground, path, 'expiry')
  }
}

function appendOnly(
  { storage, maxProducersPerStream }: Ground,
  path: string,
  command: Append,
  at: number,
): Promise<AppendStep> {
  return storage.update(
    path,
    (record, known) => decideAppend(record, known, command, maxProducersPerStream, at),
    command.producer && { producer: command.producer.id },
  )
}

async function appendAndClose(
  { storage, maxProducersPerStream, announce }: Ground,
  path: string,
  command: Append,
  at: number,
): Promise<AppendStep> {
  const step = await storage.update<AppendStep>(
    path,
    (stored, known, [registry]) => {
      const decision = decideAppend(stored, known, command, maxProducersPerStream, at)
      if (decision.outcome.kind !== 'appended') return decision
      const { record } = decision.outcome
      const told = register(registry, [{ operation: 'update', path, record }], NO_COUNTS, at)
      return { ...decision, otherChanges: [told] }
    },
    { others: [REGISTRY_PATH], ...(command.producer && { producer: command.producer.id }) },
  )
  if (step.kind === 'appended') announce.closed(path, step.record, at)
  return step
}

async function end(
  { storage, now, announce }: Ground,
  path: string,
  reason: EndReason,
): Promise<{ outcome: DeleteOutcome; ended: readonly Ended[] }> {
  for (;;) {
    const at = now()
    const chain = await chainOf(storage, path, at)
    const step = await storage.update(
      path,
      (stored, _producer, others) => decideEnd(path, stored, chain, others, reason, at),
      { others: [...chain, REGISTRY_PATH] },
    )
    if (step.kind === 'chain-grew') continue
    announce.deleted(step.ended, at)
    return step
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
