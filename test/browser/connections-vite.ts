import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { createServer, type Plugin } from 'vite'
import { streamwell } from '../../src/vite-plugin/index.ts'
import { ROOT } from '../support/imports.ts'
import { createMeeting, isLive, type LiveExchange, note } from './connections-site.ts'

/** An application that `vite dev` serves, with streams on its own origin. */
export interface ViteSite {
  url: string
  streams: string
  live: LiveExchange[]
  /** Saves the component's source with another heading, as an editor does. */
  edit: (heading: string) => Promise<void>
  close: () => Promise<void>
}

const MAIN = `
import { createRoot } from 'react-dom/client'
import { PartyProvider } from 'streamwell/react'
import { App } from './app.tsx'
createRoot(document.querySelector('main')).render(<PartyProvider><App /></PartyProvider>)
`

const app = (heading: string, count: number): string => `
import { useServerState } from 'streamwell/react'
function Counter({ name }) {
  const [count, setCount, { status }] = useServerState(0, name)
  return (
    <p>
      <output aria-label="Value">{count}</output>
      <output aria-label="Status">{status.kind}</output>
      <button onClick={() => setCount((n) => n + 1)}>Add</button>
    </p>
  )
}
export function App() {
  return (
    <>
      <h1>${heading}</h1>
      {Array.from({ length: ${count} }, (_, n) => <Counter key={n} name={'counter-' + n} />)}
    </>
  )
}
`

/** Starts it with so many hooks on its page. */
export async function startViteSite(hooks: number): Promise<ViteSite> {
  const root = await mkdtemp(join(tmpdir(), 'streamwell-connections-'))
  const edit = (heading: string): Promise<void> =>
    writeFile(join(root, 'app.tsx'), app(heading, hooks))
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  await writeFile(
    join(root, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><main></main>
<script type="module" src="/main.tsx"></script>`,
  )
  await writeFile(join(root, 'main.tsx'), MAIN)
  await edit('first')
  const live: LiveExchange[] = []
  const vite = await createServer({
    root,
    configFile: false,
    cacheDir: join(root, '.vite'),
    logLevel: 'error',
    plugins: [watchConnections(live), react(), streamwell()],
    resolve: {
      alias: [
        { find: /^streamwell$/, replacement: join(ROOT, 'src/core/index.ts') },
        { find: /^streamwell\/react$/, replacement: join(ROOT, 'src/react/index.ts') },
      ],
    },
    server: { host: '127.0.0.1', port: 0, fs: { strict: false } },
  })
  await vite.listen()
  const { origin } = new URL(vite.resolvedUrls!.local[0]!)
  return {
    url: origin,
    streams: `${origin}/v1/stream`,
    live,
    edit,
    async close() {
      await vite.close()
      await rm(root, { recursive: true })
    },
  }
}

/** Notes live requests, and answers those that wait for each other. */
function watchConnections(live: LiveExchange[]): Plugin {
  const meet = createMeeting()
  return {
    name: 'watch-connections',
    enforce: 'pre',
    configureServer({ middlewares }) {
      middlewares.use((req, res, next) => {
        if (isLive(req.method!, req.url!)) note(req, res, live)
        if (req.url!.startsWith('/together')) return meet(req, res)
        next()
      })
    },
  }
}
