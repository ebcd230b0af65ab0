import { createCollection, type SyncConfig } from '@tanstack/db'
import { guarded, reportError } from '../report-error.ts'

interface Beat {
  id: 'beat'
  count: number
}

/**
 * Gives a function that runs `commits`, all of one batch, so that no live query sees one without
 * the others.
 *
 * TanStack DB runs live queries at the end of the publication of a collection, and publications
 * within another one share its end. So the commits run inside the publication of a collection that
 * is there for nothing else.
 */
export function createPublication(id: string): (commits: readonly (() => void)[]) => void {
  let port!: Parameters<SyncConfig<Beat, string>['sync']>[0]
  let due: readonly (() => void)[] = []
  let count = 0

  const collection = createCollection<Beat, string>({
    id,
    getKey: (beat) => beat.id,
    gcTime: 0,
    startSync: true,
    sync: {
      sync: (params) => {
        port = params
        params.markReady()
      },
    },
  })
  collection.subscribeChanges(() => {
    for (const commit of due) guarded(commit)()
  })

  return (commits) => {
    due = commits
    port.begin()
    port.write({ type: 'update', value: { id: 'beat', count: count++ } })
    try {
      port.commit()
    } catch (error) {
      // Thrown by someone who listens to a collection. The rows are there.
      reportError(error)
    }
    due = []
  }
}
