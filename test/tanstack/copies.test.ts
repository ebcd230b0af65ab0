import * as tanstackDb from '@tanstack/db'
import { afterEach, expect, it, vi } from 'vitest'
import type * as streamwell from 'streamwell/state'
import type { RowCollection } from '../../src/state/db/synced-collection.ts'
import { openChat, schema } from '../state/chat.ts'

const NOWHERE = { url: 'http://127.0.0.1:1/v1/stream/nowhere' }
const WAY_OUT = expect.objectContaining({
  name: 'StreamError',
  code: 'invalid',
  message: expect.stringMatching(/npm ls @tanstack\/db.*"overrides" in package.json.*dedupe/),
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.doUnmock('@tanstack/db')
})

/** The copy of TanStack DB that these tests do not run on. */
async function otherCopy(): Promise<typeof tanstackDb> {
  const copy = process.env.TANSTACK_DB
    ? await import('../../node_modules/@tanstack/db/dist/esm/index.js')
    : await import('db-old')
  return copy as unknown as typeof tanstackDb
}

/** What is told to the platform until the test ends. */
function recordErrors(): unknown[] {
  const errors: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => void errors.push(error))
  return errors
}

/** streamwell once more, on the other copy: what a page gets that bundles both. */
async function otherStreamwell(): Promise<typeof streamwell> {
  vi.resetModules()
  vi.doMock('@tanstack/db', otherCopy)
  return import('streamwell/state')
}

it('a query of another copy of TanStack DB is told apart from a mistake', async () => {
  const errors = recordErrors()
  const { users } = openChat(NOWHERE.url, { live: false }).collections
  const { createLiveQueryCollection, createCollection } = await otherCopy()
  const query = (): unknown =>
    createLiveQueryCollection({
      startSync: true,
      query: (q) => q.from({ user: users as unknown as ReturnType<typeof createCollection> }),
    })
  expect(query).toThrow('Invalid source')
  expect(errors).toEqual([WAY_OUT])
})

it('queries of the same copy have nothing to be told', async () => {
  const errors = recordErrors()
  const { users, messages } = openChat(NOWHERE.url, { live: false }).collections
  const { createLiveQueryCollection, eq } = tanstackDb
  createLiveQueryCollection({
    startSync: true,
    query: (q) =>
      q
        .from({ message: messages })
        .join({ user: users }, ({ message, user }) => eq(message.userId, user.id))
        .select(({ message, user }) => ({ ...message, name: user?.name })),
  })
  tanstackDb.createLiveQueryCollection((q) => q.from({ user: q.from({ user: users }) }))
  expect(errors).toEqual([])
})

it('a page whose two databases run on two copies is refused the second, at its start', async () => {
  vi.stubGlobal('document', {})
  const one = openChat(NOWHERE.url, { live: false })
  const again = openChat(NOWHERE.url, { live: false })
  expect(again.collections.users).not.toBe(one.collections.users)

  const { createStreamDB } = await otherStreamwell()
  const open = (): unknown => createStreamDB({ streamOptions: NOWHERE, state: schema, live: false })
  expect(open).toThrow(WAY_OUT as Error)
})

it('a server may render with one copy and have another for its own', async () => {
  openChat(NOWHERE.url, { live: false })
  const { createStreamDB } = await otherStreamwell()
  const db = createStreamDB({ streamOptions: NOWHERE, state: schema, live: false })
  const { CollectionImpl } = await otherCopy()
  expect(db.collections.users as unknown as RowCollection).toBeInstanceOf(CollectionImpl)
  db.close()
})
