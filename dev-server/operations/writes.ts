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
import { findForkPoint } from './fork.ts'
import { NO_COUNTS, REGISTRY_PATH, isSystemPath, register } from './registry.ts'
import type { Announcer } from './lifecycle.ts'
import type { Storage } from '../storage/storage.ts'

/** What every operation works with. */
export interface Ground {
  storage: Storage
  /** Milliseconds since 1970. */
  now: () => number
  announce: Announcer
  maxStreams: number
  maxProducersPerStream: number
  /** A new identity of a stream, unlike any other. */
  newId: () => string
  /** Lets the event loop turn once. */
  pause: () => Promise<void>
}

/** Protocol sections 2 and 7. */
export async function create(
  ground: Ground,
  path: string,
  command: Create,
): Promise<CreateOutcome> {
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

/** Protocol sections 3 and 4. */
export async function append(
  ground: Ground,
  path: string,
  command: Append,
): Promise<AppendOutcome> {
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

/** Removes a stream, and what stayed for its sake alone; or keeps it for its forks. */
export async function end(
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
