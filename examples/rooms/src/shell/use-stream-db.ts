import { useEffect, useState } from 'react'
import type { Observable, StreamStatus } from 'streamwell'
import { useObservable } from './use-observable.ts'

/** What a StreamDB is, as far as its life goes. */
interface Database {
  status: Observable<StreamStatus>
  preload(): Promise<void>
  close(): void
}

interface OpenDatabase<DB> {
  /** Undefined until all that its stream held is there. */
  db: DB | undefined
  status: StreamStatus
}

const IDLE: StreamStatus = { kind: 'idle' }
const CLOSED: Observable<StreamStatus> = { getSnapshot: () => IDLE, subscribe: () => () => {} }

/**
 * A StreamDB that lives as long as the calling component: opened when it is shown, closed when it
 * goes.
 *
 * @param open makes the database; must be the same function at each render.
 */
export function useStreamDB<DB extends Database>(open: () => DB): OpenDatabase<DB> {
  const [db, setDb] = useState<DB>()
  const [loaded, setLoaded] = useState<DB>()
  useEffect(() => {
    let current: DB | undefined
    let isGone = false
    async function openAndLoad(): Promise<void> {
      // A moment later, so that StrictMode's trial mount does not open a connection of its own.
      await Promise.resolve()
      if (isGone) return
      current = open()
      setDb(current)
      await current.preload()
      if (!isGone) setLoaded(current)
    }
    // What went wrong is in the status.
    openAndLoad().catch(() => {})
    return () => {
      isGone = true
      current?.close()
      setDb(undefined)
      setLoaded(undefined)
    }
  }, [open])
  return { db: loaded, status: useObservable(db?.status ?? CLOSED) }
}
