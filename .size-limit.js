// A limit leaves some dozen bytes: the names of lazy modules are hashes, and cost more or less of them.

/** What is loaded on first need, and counted by itself. */
const LAZY = ['./keep-in*', './open-row-keeper*', './load-stream*', './live-*']

/** Measured as modules, the form in which pages get it. */
const asModules = (config) => ({ ...config, format: 'esm' })

const entry = (name, file, names, limit, ignore = []) => ({
  name,
  path: `dist/${file}.js`,
  import: names,
  ignore: [...LAZY, ...ignore],
  gzip: true,
  limit,
  modifyEsbuildConfig: asModules,
})

/** Modules that are loaded on first need, without what is there by then. */
const onNeed = (name, files, limit) => ({
  name,
  path: files.map((file) => `dist/${file}-*.js`),
  ignore: ['./*'],
  gzip: true,
  limit,
  modifyEsbuildConfig: asModules,
})

export default [
  entry('stream() alone', 'index', '{ stream }', '4.6 kB'),
  entry('all of streamwell: read, write, produce', 'index', '*', '9.25 kB'),
  entry('createSharedStore with the client', 'store', '{ createSharedStore }', '8.25 kB'),
  entry(
    'StreamDB without TanStack DB, and without what keeps rows',
    'state',
    '{ createStreamDB, createStateSchema }',
    '14.6 kB',
    ['@tanstack/db'],
  ),
  entry(
    'useServerState of streamwell/react with all below it but React',
    'react',
    '{ PartyProvider, useServerState }',
    '9.6 kB',
    ['react'],
  ),
  entry(
    'useServerState of streamwell/solid with all below it but Solid',
    'solid',
    '{ PartyProvider, useServerState }',
    '10.15 kB',
    ['solid-js'],
  ),
  entry('all hooks of streamwell/react', 'react', '*', '17 kB', ['react']),
  entry('all hooks of streamwell/solid', 'solid', '*', '18.2 kB', ['solid-js']),
  onNeed('loaded by the first live read', ['live', 'hub-address'], '5.25 kB'),
  onNeed('loaded by it in browsers whose tabs can share', ['create-tabs'], '3.3 kB'),
  onNeed('loaded where a server reads one stream in each answer', ['turns'], '3.9 kB'),
  { ...entry('streamwell/ssr', 'ssr', '*', '11 kB'), ignore: ['./live-*'] },
]
