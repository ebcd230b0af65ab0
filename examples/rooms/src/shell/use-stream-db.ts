import { useEffect, useState } from 'react'

/** What a StreamDB is, as far as its life goes. */
interface Database {
  preload(): Promise<void>
  close(): void
}

/**
 * A StreamDB that lives as long as the calling component: open while it is shown, closed when it
 * goes. Undefined before the first effect.
 *
 * @param open makes the database; must be the same function at each render.
 */
export function useStreamDB<DB extends Database>(open: () => DB): DB | undefined {
  const [db, setDb] = useState<DB>()
  useEffect(() => {
    let current: DB | undefined
    let isGone = false
    // A moment later, so that StrictMode's trial mount does not open a connection of its own.
    queueMicrotask(() => {
      if (isGone) return
      current = open()
      // A failure is in `db.status` as well, which is where this page shows it.
      current.preload().catch(() => {})
      setDb(current)
    })
    return () => {
      isGone = true
      current?.close()
      setDb(undefined)
    }
  }, [open])
  return db
}
