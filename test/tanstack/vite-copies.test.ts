import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { build, createLogger, createServer, type InlineConfig } from 'vite'
import { streamwell } from 'streamwell/vite'
import { createFolder } from '../support/folder.ts'

const OWN = 'node_modules/@tanstack/db'
const OF_REACT = 'node_modules/@tanstack/react-db/node_modules/@tanstack/db'
const OF_SOLID = 'node_modules/@tanstack/solid-db/node_modules/@tanstack/db'

/** An app that imports an adapter, where copies of TanStack DB lie in the folders named. */
async function makeApp(versions: Record<string, string>): Promise<string> {
  const { path: root, remove } = await createFolder()
  onTestFinished(remove)
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), text)
  }
  const addPackage = async (folder: string, version: string, code: string): Promise<void> => {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const exports = { '.': './index.js', './package.json': './package.json' }
    const info = { name, version, type: 'module', exports }
    await write(`${folder}/package.json`, JSON.stringify(info))
    await write(`${folder}/index.js`, code)
  }
  for (const [folder, version] of Object.entries(versions)) {
    await addPackage(folder, version, `export const version = 'db ${version}'`)
  }
  for (const adapter of ['react-db', 'solid-db']) {
    const code = "export { version } from '@tanstack/db'"
    await addPackage(`node_modules/@tanstack/${adapter}`, '0.1.0', code)
  }
  await write('package.json', '{"name":"app","type":"module"}')
  await write('index.html', '<script type="module" src="/app.js"></script>')
  await write('app.js', "import { version } from '@tanstack/react-db'\ndocument.title = version")
  return root
}

function configOf(root: string): { config: InlineConfig; warnings: string[] } {
  const warnings: string[] = []
  const customLogger = createLogger('silent')
  customLogger.warn = (message) => void warnings.push(message)
  const config: InlineConfig = {
    root,
    configFile: false,
    customLogger,
    logLevel: 'silent',
    plugins: [streamwell()],
    server: { port: 0, host: '127.0.0.1', watch: null },
    build: { rollupOptions: { output: { entryFileNames: 'app.js' } } },
  }
  return { config, warnings }
}

/** What Vite says at its start in an app with these versions. */
async function warningsIn(versions: Record<string, string>): Promise<string[]> {
  const { config, warnings } = configOf(await makeApp(versions))
  await (await createServer(config)).close()
  return warnings
}

it('an app with one copy has nothing to be told, nor has one with none', async () => {
  expect(await warningsIn({ [OWN]: '0.15.1' })).toEqual([])
  expect(await warningsIn({ [OWN]: '0.9.2' })).toEqual([])
  expect(await warningsIn({})).toEqual([])
})

it('an app with two copies is told at the start which they are, and how to have one', async () => {
  const [warning, ...others] = await warningsIn({ [OWN]: '0.15.2', [OF_REACT]: '0.15.1' })
  expect(others).toEqual([])
  expect(warning).toContain(
    'streamwell: 2 copies of @tanstack/db are installed: ' +
      '0.15.2 for the app and @tanstack/solid-db, 0.15.1 for @tanstack/react-db. ' +
      'Pages that Vite makes run on 0.15.2 alone.',
  )
  expect(warning).toContain('put "@tanstack/db": "0.15.2" into "dependencies" and "overrides"')
})

it('of three copies all are named', async () => {
  const versions = { [OWN]: '0.15.2', [OF_REACT]: '0.15.1', [OF_SOLID]: '0.9.2' }
  expect((await warningsIn(versions))[0]).toMatch(/3 copies.*0\.15\.2.*0\.15\.1.*0\.9\.2/)
})

it.each(['0.5.33', '0.9.1', '1.0.0'])('version %s is told to be none that works', async (old) => {
  expect((await warningsIn({ [OWN]: old }))[0]).toContain(
    `@tanstack/db ${old}, which the app and @tanstack/react-db and @tanstack/solid-db would use, ` +
      'is none that streamwell/state works with: install one from 0.9.2 on, below 1',
  )
})

it('pages are built with the copy of the app alone, whoever imports it', async () => {
  const root = await makeApp({ [OWN]: '0.15.2', [OF_REACT]: '0.15.1' })
  const { config, warnings } = configOf(root)
  await build(config)
  expect(await readFile(join(root, 'dist/app.js'), 'utf8')).toContain('db 0.15.2')
  expect(warnings[0]).toContain('2 copies')
})

it('an adapter keeps the copy that it brings where the app has none', async () => {
  const root = await makeApp({ [OF_REACT]: '0.15.1' })
  const { config, warnings } = configOf(root)
  await build(config)
  expect(await readFile(join(root, 'dist/app.js'), 'utf8')).toContain('db 0.15.1')
  expect(warnings).toEqual([])
})
