import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findCycle, globalsOf, importsOf, parseFile, ROOT, sourceFiles } from './support/imports.ts'

interface Layer {
  /** Other layers that it may import. A layer always may import itself. */
  layers?: readonly string[]
  /** Packages from npm. */
  packages?: readonly string[]
  /** Whether it runs in Node only, and may use what Node brings. */
  node?: boolean
  /** Globals that it must not touch. */
  never?: readonly string[]
}

const WORDS = ['src/core/protocol.ts', 'src/core/errors.ts']
const WARNINGS = 'src/state/store/warnings.ts'
const NODE_GLOBALS = ['process', 'Buffer', 'global', 'require', '__dirname', 'setImmediate']

/**
 * Who may import whom. A file belongs to the longest name that it starts with; `*` stands for one
 * file or folder, each a layer of its own.
 */
const LAYERS: Record<string, Layer> = {
  'src/core/protocol.ts': {},
  'src/core/errors.ts': {},
  'src/core': { layers: WORDS },
  'src/state': {
    layers: [...WORDS, 'src/core', 'src/state/persistence/indexed-db.ts', WARNINGS],
    packages: ['@standard-schema/spec'],
  },
  'src/state/persistence/indexed-db.ts': {
    layers: [...WORDS, 'src/core', 'src/state'],
    packages: ['idb'],
  },
  // Tells the development build from what is deployed, as bundlers do it.
  [WARNINGS]: { layers: WORDS, node: true },
  'src/state/persistence/file': { layers: [...WORDS, 'src/core', 'src/state'], node: true },
  'src/state/db': {
    layers: [...WORDS, 'src/core', 'src/state'],
    packages: ['@standard-schema/spec', '@tanstack/db'],
  },
  'src/react': { layers: [...WORDS, 'src/core', 'src/state', WARNINGS], packages: ['react'] },
  'src/react/db.ts': {
    layers: [...WORDS, 'src/core', 'src/state', 'src/state/db', 'src/react'],
    packages: ['react', '@tanstack/db'],
  },
  'src/react/atom.ts': { layers: ['src/react/atom', 'src/state'] },
  'src/react/atom': {
    layers: [...WORDS, 'src/core', 'src/state', 'src/react', WARNINGS],
    packages: ['react', 'jotai', '@standard-schema/spec'],
  },
  'src/solid': { layers: [...WORDS, 'src/core', 'src/state', WARNINGS], packages: ['solid-js'] },
  'src/solid/db.ts': {
    layers: [...WORDS, 'src/core', 'src/state', 'src/state/db', 'src/solid'],
    packages: ['solid-js', '@tanstack/db'],
  },
  'src/vite-plugin': { layers: ['dev-server', ...WORDS], packages: ['vite'], node: true },
  'dev-server/storage/storage.ts': { layers: ['src/core/protocol.ts'] },
  'dev-server/storage/byte-log.ts': { layers: ['dev-server/storage/storage.ts', ...WORDS] },
  'dev-server/storage/sorted-paths.ts': {},
  'dev-server/storage/watchers.ts': {},
  'dev-server/storage/*': {
    layers: [
      'dev-server/storage/storage.ts',
      'dev-server/storage/byte-log.ts',
      'dev-server/storage/sorted-paths.ts',
      'dev-server/storage/watchers.ts',
      ...WORDS,
    ],
    node: true,
  },
  'dev-server/storage/lmdb': {
    layers: ['dev-server/storage/storage.ts', 'dev-server/storage/watchers.ts', ...WORDS],
    packages: ['lmdb'],
    node: true,
  },
  'dev-server/operations': {
    layers: ['dev-server/storage/storage.ts', ...WORDS],
    never: ['Request', 'Response', 'Headers', 'fetch'],
  },
  'dev-server/http': {
    layers: ['dev-server/operations', 'dev-server/storage/storage.ts', ...WORDS],
  },
  'dev-server/http/node': { layers: ['dev-server/http', ...WORDS], node: true },
  'dev-server/subscriptions': {
    layers: ['dev-server/operations', 'dev-server/http', 'dev-server/storage/storage.ts', ...WORDS],
  },
  'dev-server/subscriptions/node': { layers: ['dev-server/subscriptions', ...WORDS], node: true },
  'dev-server': {
    layers: [
      'dev-server/subscriptions',
      'dev-server/subscriptions/node',
      'dev-server/operations',
      'dev-server/http',
      'dev-server/http/node',
      'dev-server/storage/*',
      'dev-server/storage/lmdb',
      'dev-server/storage/storage.ts',
      ...WORDS,
    ],
    node: true,
  },
}

const MOST_SPECIFIC_FIRST = Object.keys(LAYERS).toSorted((a, b) => b.length - a.length)

/** The row of the table for a file, and the layer: the same but where the row has a `*`. */
function layerOf(file: string): { row: string; layer: string } | undefined {
  for (const row of MOST_SPECIFIC_FIRST) {
    const pattern = row.replaceAll('.', '\\.').replaceAll('*', '[^/]+')
    const layer = new RegExp(`^${pattern}(?=/|$)`).exec(file)?.[0]
    if (layer) return { row, layer }
  }
  return undefined
}

/** What of `imports` the file may not import. */
function forbiddenImports(file: string, imports: readonly string[]): string[] {
  const own = layerOf(file)!
  const { layers = [], packages = [], node = false } = LAYERS[own.row]!
  return imports.filter((path) => {
    if (path.startsWith('node:')) return !node
    const target = layerOf(path)
    if (target) return target.layer !== own.layer && !layers.includes(target.row)
    return !packages.some((name) => path === name || path.startsWith(`${name}/`))
  })
}

const files = ['src', 'dev-server'].flatMap(sourceFiles)
const imports = new Map(files.map((file) => [file, importsOf(parseFile(file))]))

it('has a row for every file', () => {
  expect(files.length).toBeGreaterThan(0)
  expect(files.filter((file) => !layerOf(file))).toEqual([])
})

it('keeps the arrows pointing one way', () => {
  const broken = files.flatMap((file) =>
    forbiddenImports(file, imports.get(file)!).map((path) => `${file} imports ${path}`),
  )
  expect(broken).toEqual([])
})

it('imports files by the name that they have', () => {
  const missing = files.flatMap((file) =>
    imports
      .get(file)!
      .filter((path) => layerOf(path) && !existsSync(join(ROOT, path)))
      .map((path) => `${file} imports ${path}`),
  )
  expect(missing).toEqual([])
})

it('has no circle of imports', () => {
  expect(findCycle(imports)).toBeUndefined()
})

it('has a door for hosts that are no Node: all it imports is free of it', () => {
  const reached = new Set(['dev-server/fetch-handler.ts'])
  for (const file of reached) for (const path of imports.get(file) ?? []) reached.add(path)
  expect(reached.size).toBeGreaterThan(30)
  expect([...reached].filter((path) => !imports.has(path))).toEqual([])
  const hosted = [...reached].flatMap((file) =>
    globalsOf(parseFile(file), NODE_GLOBALS).map((name) => `${file} uses ${name}`),
  )
  expect(hosted).toEqual([])
})

it('lets the examples import what any user can, but for the plugin in the config of Vite', () => {
  const inside = sourceFiles('examples').flatMap((file) =>
    importsOf(parseFile(file))
      .filter((path) => layerOf(path))
      .map((path) => `${file} imports ${path}`),
  )
  const config = /^examples\/[^/]+\/vite\.config\.ts imports src\/vite-plugin\/index\.ts$/
  expect(inside.length).toBeGreaterThan(0)
  expect(inside.filter((line) => !config.test(line))).toEqual([])
})

it('touches the globals of its own world only', () => {
  const broken = files.flatMap((file) => {
    const { node, never = [] } = LAYERS[layerOf(file)!.row]!
    const names = node ? never : [...NODE_GLOBALS, ...never]
    return globalsOf(parseFile(file), names).map((name) => `${file} uses ${name}`)
  })
  expect(broken).toEqual([])
})

it.each([
  ['src/core/follow.ts', ['src/core/batch.ts', 'src/core/protocol.ts'], []],
  ['src/core/follow.ts', ['src/state/schema.ts'], ['src/state/schema.ts']],
  ['src/core/follow.ts', ['node:http', 'react'], ['node:http', 'react']],
  ['src/core/protocol.ts', ['src/core/batch.ts'], ['src/core/batch.ts']],
  ['src/state/index.ts', ['src/state/db/index.ts'], ['src/state/db/index.ts']],
  ['src/state/db/index.ts', ['src/state/index.ts', '@tanstack/db'], []],
  ['src/react/provider.tsx', ['react', 'react/jsx-runtime'], []],
  ['src/react/provider.tsx', ['react-dom', 'jotai'], ['react-dom', 'jotai']],
  ['src/react/atom/server-atom.ts', ['jotai', 'src/react/provider.tsx'], []],
  ['dev-server/operations/append.ts', ['dev-server/storage/storage.ts'], []],
  [
    'dev-server/operations/append.ts',
    ['dev-server/storage/memory.ts', 'dev-server/http/node.ts', 'node:crypto'],
    ['dev-server/storage/memory.ts', 'dev-server/http/node.ts', 'node:crypto'],
  ],
  ['dev-server/storage/lmdb/index.ts', ['dev-server/storage/lmdb/log.ts', 'node:fs'], []],
  [
    'dev-server/storage/lmdb/index.ts',
    ['dev-server/storage/memory.ts'],
    ['dev-server/storage/memory.ts'],
  ],
  ['dev-server/index.ts', ['dev-server/storage/memory.ts', 'src/core/errors.ts'], []],
  ['dev-server/index.ts', ['src/core/follow.ts'], ['src/core/follow.ts']],
  ['src/vite-plugin/index.ts', ['dev-server/index.ts', 'vite', 'node:path'], []],
  ['src/vite-plugin/index.ts', ['src/core/follow.ts'], ['src/core/follow.ts']],
])('for %s, of %j it refuses %j', (file, paths, refused) => {
  expect(forbiddenImports(file, paths)).toEqual(refused)
})
