import { describe } from 'vitest'
import { memoryStorage } from '../../dev-server/index.ts'
import { describeModel, describeRaces } from '../support/streams-races.ts'

describe('streams in memory', () => {
  describeRaces(memoryStorage)
  describeModel(memoryStorage)
})
