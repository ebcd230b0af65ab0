import { describe } from 'vitest'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { runBlock } from './support/run-block.ts'
import { describeStorage } from './support/storage-suite.ts'
import type { Storage } from '../dev-server/index.ts'

const FILE = 'docs/storage-driver.md'

describe('the driver that the page shows in full', () => {
  const blocks = codeBlocksOf(FILE, readPage(FILE))
  const block = blocks.find(({ code }) => code.includes('export function mapStorage'))!
  describeStorage(runBlock<{ mapStorage: () => Storage }>(block).mapStorage)
})
