import { StreamError } from '../../core/errors.ts'
import { randomId } from '../../core/random-id.ts'
import { feed } from '../feed.ts'
import type { Confirmed } from '../store/confirmed.ts'
import { parseItem } from '../store/entry.ts'
import { receive } from '../store/receive.ts'
import type { Rules } from '../store/replica.ts'
import { openSource } from './open-source.ts'
import { beginning, type Progress } from './progress.ts'
import type { Load } from './shared-loads.ts'
import type { Source } from './source.ts'
import { takeTurn } from './turn.ts'

/** How many events are folded between two looks at the clock. */
const STEP = 8

/** Fewer are folded without waiting for a turn: most loads have a few that are new. */
const MANY = 256

/**
 * Reads a stream to its end, as far as it goes now, and folds it by the rules of the shared store. A
 * stream that is missing stays missing, and has the initial state; one that the server lost, or made
 * again, is read from its beginning. What may pass is tried again until the load's signal aborts.
 *
 * @param from how far it has been read before.
 * @param onProgress told after each page.
 * @throws {StreamError} for an answer that waiting will not improve; the reason of the load's signal.
 */
export async function readStream<State, Action>(
  source: Source<State, Action>,
  from: Progress<State>,
  { signal, onSkipped, onFailure, onRequest }: Load,
  onProgress: (progress: Progress<State>) => void,
): Promise<Progress<State>> {
  const { stream, life, takeCharacters } = openSource(source, from.life, onRequest)
  const rules: Rules<State, Action> = { ...source, createTxid: randomId, onSkipped }
  let progress = from
  const batches = feed({
    stream,
    offset: from.offset,
    live: false,
    create: false,
    signal,
    onStatus: (status) => status.kind === 'offline' && onFailure(status.cause),
  })
  try {
    for await (const { items, offset, restart, upToDate, streamClosed } of batches) {
      if (restart) progress = beginning(source.initialState)
      progress = {
        confirmed: await foldInTurns(progress.confirmed, items, rules, signal),
        offset,
        life: life(),
        isWhole: progress.isWhole || upToDate || streamClosed,
        characters: progress.characters + takeCharacters(),
      }
      onProgress(progress)
    }
  } catch (error) {
    const isMissing = error instanceof StreamError && error.code === 'not-found'
    if (!isMissing) throw error
    progress = beginning(source.initialState)
  }
  // A feed that is ended ends quietly, and has not read all.
  signal.throwIfAborted()
  return progress
}

async function foldInTurns<State, Action>(
  confirmed: Confirmed<State>,
  items: readonly unknown[],
  rules: Rules<State, Action>,
  signal: AbortSignal,
): Promise<Confirmed<State>> {
  const { kind = 'state' } = rules
  const turn = takeTurn()
  if (items.length > MANY) await turn.next()
  for (let from = 0; from < items.length; from += STEP) {
    const some = items.slice(from, from + STEP).map((item) => parseItem<Action>(kind, item))
    confirmed = receive({ confirmed, pending: [] }, rules, some).confirmed
    if (!turn.isOver()) continue
    await turn.next()
    signal.throwIfAborted()
  }
  return confirmed
}
