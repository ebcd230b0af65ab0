import { type Collection, createLiveQueryCollection, gte } from '@tanstack/db'
import type { User } from '../data.ts'
import type { Loaded, Subject } from '../subject.ts'

/** What the two databases have in common: the names that their users know. */
interface Database {
  collections: { users: unknown }
  preload(): Promise<void>
  close(): void
}

/** The ways in which both databases are used alike. */
export function databaseSubject(open: (url: string) => Database): Subject {
  async function preload(url: string): Promise<Loaded> {
    const db = open(url)
    await db.preload()
    return { rows: db.collections.users as Collection<User, string>, close: () => db.close() }
  }

  return {
    preload,
    fold: preload,

    /** A live query as a screen has one. */
    watch(url, onRows) {
      const db = open(url)
      const users = db.collections.users as Collection<User, string>
      const shown = createLiveQueryCollection((query) =>
        query.from({ user: users }).where(({ user }) => gte(user.age, 0)),
      )
      const subscription = shown.subscribeChanges((changes) => {
        onRows(changes.map(({ value }) => value as User))
      })
      return {
        ready: Promise.all([shown.preload(), db.preload()]),
        get size() {
          return shown.size
        },
        stop() {
          subscription.unsubscribe()
          db.close()
        },
      }
    },
  }
}
