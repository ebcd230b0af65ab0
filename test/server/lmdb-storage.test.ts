import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, onTestFinished } from 'vitest'
import { lmdbStorage } from '../../dev-server/storage/lmdb/lmdb.ts'
import { describeStorage } from '../support/storage-suite.ts'

describe('LMDB storage', () => {
  describeStorage(() => lmdbStorage({ path: newFolder() }))
})

function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'streamwell-lmdb-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}
