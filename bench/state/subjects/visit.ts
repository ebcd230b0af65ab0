import { createStateSchema, createStreamDB } from '../../../src/state/db/index.ts'
import type { Persistence } from '../../../src/state/persistence/persistence.ts'
import { USERS } from '../data.ts'
import type { Loaded } from '../subject.ts'

/** A visit to a database that keeps its rows. They show when it resolves. */
export async function visit(
  url: string,
  persistence: Persistence,
): Promise<Loaded & { leave: () => Promise<void> }> {
  const db = createStreamDB({
    streamOptions: { url },
    state: createStateSchema({ users: USERS }),
    persistence,
    onPersistenceError(error) {
      throw error
    },
  })
  const { users } = db.collections
  await users.preload()
  return {
    rows: users,
    close: db.close,
    /** Resolves when all is kept. */
    async leave() {
      const isKept = async (): Promise<boolean> => (await persistence.list('rows:')).length > 0
      while (!(await isKept())) await new Promise((resolve) => setTimeout(resolve, 50))
      db.close()
      for (const name of await persistence.list('rows:')) {
        ;(await persistence.lock(name, { wait: true }))?.()
      }
    },
  }
}
