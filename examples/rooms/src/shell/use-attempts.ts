import { useCallback, useState } from 'react'
import { newId } from './new-id.ts'
import type { Refusal } from './refusals.tsx'

/**
 * Makes a write that shows at once.
 *
 * @param what is written, as the subject of a sentence.
 * @param write settles when it is in the stream, or was refused.
 */
export type Attempt = (what: string, write: () => Promise<unknown>) => void

/** Makes writes, and keeps those that were refused to be told and tried again. */
export function useAttempts(): [readonly Refusal[], Attempt] {
  const [refusals, setRefusals] = useState<readonly Refusal[]>([])

  const attempt: Attempt = useCallback((what, write) => {
    const refuse = (error: Error): void => {
      const id = newId()
      const dismiss = (): void => setRefusals((all) => all.filter((refusal) => refusal.id !== id))
      const retry = (): void => {
        dismiss()
        attempt(what, write)
      }
      setRefusals((all) => [...all, { id, what, error, retry, dismiss }])
    }
    const run = async (): Promise<unknown> => write()
    run().catch(refuse)
  }, [])
  return [refusals, attempt]
}
