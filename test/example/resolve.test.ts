import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveDependency } from '../../examples/rooms/feeder/resolve.ts'

let root = ''
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'resolve-')))
})
afterEach(() => rm(root, { recursive: true }))

const names = ['a', 'b', '@s/c']
const folder = fc
  .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
  .map((chain) => chain.map((name) => `node_modules/${name}`).join('/'))

it('finds what Node itself finds, in any tree of folders', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(folder, { maxLength: 8 }), async (folders) => {
      const tree = await mkdtemp(join(root, 'tree-'))
      for (const path of folders) {
        await mkdir(join(tree, path), { recursive: true })
        await writeFile(join(tree, path, 'index.js'), '')
      }
      for (const from of ['', 'packages/x', ...folders]) {
        for (const name of names) {
          expect(resolveDependency(new Set(folders), from, name), `${name} from ${from}`).toBe(
            foundByNode(tree, from, name),
          )
        }
      }
    }),
    { numRuns: 25 },
  )
})

function foundByNode(tree: string, from: string, name: string): string | undefined {
  try {
    const file = createRequire(join(tree, from, 'here.js')).resolve(name)
    return relative(tree, file).replace(/\/index\.js$/, '')
  } catch {
    return undefined
  }
}
