import { describe } from 'vitest'
import { memoryStorage } from '../../dev-server/index.ts'
import { describeStorage } from '../support/storage-suite.ts'

describe('memory storage', () => {
  describeStorage(memoryStorage)
})
