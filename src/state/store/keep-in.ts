import type { Persistence } from '../persistence/persistence.ts'
import { checkpoint } from './checkpoint.ts'
import type { Keeper } from './keeper.ts'
import { outbox } from './outbox.ts'

/** What keeps a store in `persistence`. Without a version of its reducer its state is not kept. */
export function keepIn(
  persistence: Persistence,
  reducerVersion: string | number | undefined,
): { checkpoint?: Keeper; outbox: Keeper } {
  const writes = outbox(persistence)
  if (reducerVersion === undefined) return { outbox: writes }
  return { outbox: writes, checkpoint: checkpoint(persistence, { reducerVersion }) }
}
