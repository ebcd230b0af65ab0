import type { StreamError } from '../../core/errors.ts'

/** A write that was refused: no longer shown, not lost. */
export interface Failure<Action> {
  id: string
  action: Action
  error: StreamError
  /**
   * Makes the same write again, after those that are pending, and removes this entry. One of
   * `update` is computed from the state as it is now.
   */
  retry: () => void
  /** Removes this entry. */
  dismiss: () => void
}

/** The failures of one store, oldest first. */
export interface Failures<Action> {
  list: () => readonly Failure<Action>[]
  add: (failure: Omit<Failure<Action>, 'dismiss'>) => void
  remove: (id: string | undefined) => void
}

/** @param onChange told when the user has taken one away. */
export function createFailures<Action>(onChange: () => void): Failures<Action> {
  let list: readonly Failure<Action>[] = []

  function remove(id: string | undefined): void {
    const left = list.filter((failure) => failure.id !== id)
    if (left.length < list.length) list = left
  }

  return {
    list: () => list,
    remove,
    add({ id, retry, ...failure }) {
      const dismiss = (): void => {
        remove(id)
        onChange()
      }
      const retryOnce = (): void => {
        if (!list.some((failure) => failure.id === id)) return
        retry()
        dismiss()
      }
      list = [...list, { ...failure, id, retry: retryOnce, dismiss }]
    },
  }
}
