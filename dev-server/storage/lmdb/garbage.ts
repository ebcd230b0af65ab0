import { goneId, goneKey, GONE_END, GONE_START, streamRange } from './keys.ts'
import type { Environment } from './environment.ts'
import type { Writes } from './writes.ts'

/** Removes what deleted streams left, little by little. */
export interface Garbage {
  /** Whether anything is left to remove. */
  isLeft(): boolean
  /** A stream whose end was committed. */
  add(id: number): void
  /** Adds the removal of a part. */
  removeSome(writes: Writes): void
  /** The last removal was not committed. */
  retry(): void
}

/** Chunks freed by one commit: 12 MB, a millisecond or two. Fewer at first after a failure. */
const KEYS_PER_COMMIT = 200
const KEYS_AFTER_FAILURE = 10

/** Ids held in memory at a time. */
const IDS_PER_LOOK = 1000

/** Knows also of what was left when the store was last closed, or its process killed. */
export function createGarbage({ data }: Environment): Garbage {
  let ids = look()
  let limit = KEYS_PER_COMMIT
  return {
    isLeft: () => ids.length > 0,

    add(id) {
      ids.push(id)
    },

    removeSome(writes) {
      const id = ids.at(-1)
      if (id === undefined) return
      const keys = [...data.getKeys({ ...streamRange(id), limit })]
      writes.removes.push(...keys)
      const isAll = keys.length < limit
      limit = Math.min(KEYS_PER_COMMIT, 2 * limit)
      if (!isAll) return
      writes.removes.push(goneKey(id))
      ids.pop()
      if (ids.length === 0) ids = look().filter((left) => left !== id)
    },

    retry() {
      limit = KEYS_AFTER_FAILURE
      ids = look()
    },
  }

  function look(): number[] {
    const keys = data.getKeys({ start: GONE_START, end: GONE_END, limit: IDS_PER_LOOK })
    return [...keys].map(goneId)
  }
}
