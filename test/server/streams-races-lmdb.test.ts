import { describe } from 'vitest'
import { lmdbStorage } from '../../dev-server/storage/lmdb/lmdb.ts'
import { newFolder } from '../support/lmdb-folder.ts'
import { describeModel, describeRaces } from '../support/streams-races.ts'

describe('streams in LMDB', () => {
  const openStorage = () => lmdbStorage({ path: newFolder() })
  // Ten in each of ten scenes.
  describeRaces(openStorage, 10)
  describeModel(openStorage, 20)
})
