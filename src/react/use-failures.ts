import { failuresOf, type KeyedFailure } from '../state/store/overview.ts'
import { useOverview } from './use-overview.ts'

const NONE: readonly KeyedFailure[] = []

/**
 * The writes that were refused, of all states of the provider: those of a key oldest first. Each says
 * why, and what to do about it: `retry()` or `dismiss()`.
 *
 * @example
 * const failures = useFailures()
 * return failures.map(({ id, key, error, retry }) => <p key={id}>{key}: {error.message}</p>)
 */
export function useFailures(): readonly KeyedFailure[] {
  return useOverview('useFailures()', failuresOf, NONE)
}
