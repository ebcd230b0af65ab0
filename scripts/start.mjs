import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled, ROOT, SetupError } from './install.mjs'
import { run, stopAll } from './run.mjs'

const EXAMPLE = join(ROOT, 'examples', 'rooms')
const DEFAULT_PORT = 5173

async function main() {
  const { port, host } = parseOptions(process.argv.slice(2), process.env)
  await ensureInstalled()
  const server = await startVite(port, host)
  stopOnSignal(server)
  const url = server.resolvedUrls.local[0] ?? server.resolvedUrls.network[0]
  console.log(`\n  Streamwell rooms: ${url}\n  Open it twice. Ctrl-C stops it.\n`)
  await feedBoard(new URL('/v1/stream', url).href)
}

/** `--port` beats `PORT`. A port that was asked for is taken or refused, never replaced. */
function parseOptions(args, env) {
  const options = { port: { type: 'string' }, host: { type: 'string' } }
  const { values } = parseArgs({ args, options })
  const asked = values.port ?? (env.PORT || undefined)
  if (asked === undefined) return { port: undefined, host: values.host }
  const port = Number(asked)
  if (!/^\d+$/.test(asked) || port > 65_535) {
    throw new SetupError(
      `"${asked}" is not a port: give a number from 0 to 65535, as in --port 8080.`,
    )
  }
  return { port, host: values.host }
}

async function startVite(port, host) {
  const { createServer } = await import('vite')
  const server = await createServer({
    root: EXAMPLE,
    configFile: join(EXAMPLE, 'vite.config.ts'),
    clearScreen: false,
    server: { port: port ?? DEFAULT_PORT, strictPort: port !== undefined, ...(host && { host }) },
  })
  try {
    return await server.listen()
  } catch (error) {
    await server.close()
    throw new SetupError(whyNotListening(error, port), { cause: error })
  }
}

function whyNotListening(error, port) {
  if (error.code === 'EACCES') {
    return `Port ${port} may not be opened by this user: ports below 1024 are reserved. Try --port 8080.`
  }
  if (error.code === 'EADDRINUSE' || /already in use/.test(error.message)) {
    return `Port ${port} is in use. Stop what listens there, or name another one: npm start -- --port ${port + 1}`
  }
  return `Cannot listen on port ${port ?? DEFAULT_PORT}: ${error.message}`
}

/** The page works without the board's data, so a failure here is said and nothing more. */
async function feedBoard(streamsUrl) {
  const feed = join(EXAMPLE, 'feed.ts')
  const code = await run(process.execPath, ['--import', 'tsx', feed, streamsUrl], { cwd: ROOT })
  if (code !== 0 && !stopping)
    console.error(`The project board has no data: the feeder ended with exit code ${code}.`)
}

let stopping = false

function stopOnSignal(server) {
  process.removeAllListeners('SIGTERM') // Vite's: it exits with 143, and waits for nobody
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, async () => {
      if (stopping) process.exit(1) // asked twice: no more grace
      stopping = true
      await Promise.allSettled([stopAll(), server.close()])
      process.exit(0)
    })
  }
}

main().catch(async (error) => {
  await stopAll()
  console.error(
    error instanceof SetupError || error.code?.startsWith('ERR_PARSE_ARGS') ? error.message : error,
  )
  process.exit(1)
})
