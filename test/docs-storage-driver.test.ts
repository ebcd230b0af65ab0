import { compileFunction } from 'node:vm'
import ts from 'typescript'
import { describe } from 'vitest'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { describeStorage } from './support/storage-suite.ts'
import type { Storage } from '../dev-server/index.ts'

const FILE = 'docs/storage-driver.md'

describe('the driver that the page shows in full', () => {
  describeStorage(driverOfPage())
})

/** The example needs nothing but the language: what it imports are types. */
function driverOfPage(): () => Storage {
  const blocks = codeBlocksOf(FILE, readPage(FILE))
  const { code } = blocks.find(({ code }) => code.includes('export function mapStorage'))!
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const exports: { mapStorage?: () => Storage } = {}
  compileFunction(outputText, ['exports'])(exports)
  return exports.mapStorage!
}
