import * as tanstackDb from '@tanstack/db'
import * as reactDb from '@tanstack/react-db'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openChat } from '../state/chat.ts'

/** The folder in `node_modules` that this run of the tests takes TanStack DB from. */
const { TANSTACK_DB: folder = '@tanstack/db' } = process.env

/** What the code itself says about where it is: the file that it throws from. */
function whereItRuns(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return /\/[^\s:]*\/node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec((error as Error).stack!)![0]
  }
  throw new Error('It did not throw')
}

async function versionIn(packageFolder: string): Promise<string> {
  const text = await readFile(`${packageFolder}/package.json`, 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

it('the tests run on the version that their project names, and not on the other', async () => {
  const wanted = { '@tanstack/db': '0.15.1', 'db-old': '0.9.2' }[folder]
  const where = whereItRuns(() => tanstackDb.createCollection({} as never))
  expect(where).toMatch(new RegExp(`/node_modules/${folder}$`))
  expect(await versionIn(where)).toBe(wanted)
})

it('streamwell, the adapter for React and the app share one copy of it', () => {
  expect(reactDb.createCollection).toBe(tanstackDb.createCollection)
  const db = openChat('http://127.0.0.1:1/v1/stream/nowhere', { live: false })
  expect(db.collections.users).toBeInstanceOf(tanstackDb.CollectionImpl)
})
