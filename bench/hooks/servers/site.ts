import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import solid from 'vite-plugin-solid'
import { bundlePage } from '../../harness/bundle-page.ts'
import { createNodeHandler } from '../../../dev-server/index.ts'
import { answerCalls } from '../../harness/child.ts'

// The page and its streams: over HTTP/2, as a site in production serves them, and over HTTP/1.1, where
// the writer goes. At `/secure` is the address of the first.

const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Benchmark</title>
<main></main>
<script type="module" src="/page.js"></script>
`

const handler = createNodeHandler({ storage: 'memory' })
let secureUrl = ''
let scripts: Promise<ReadonlyMap<string, string>> | undefined

function handle(req: IncomingMessage, res: ServerResponse): void {
  void handler.handle(req, res, () => void servePage(req, res))
}

async function servePage({ url }: IncomingMessage, res: ServerResponse): Promise<void> {
  const { pathname } = new URL(url!, 'http://localhost')
  if (pathname === '/secure') return void res.end(secureUrl)
  scripts ??= bundlePage('bench/hooks/page/page.ts', [solid({ include: /\/page\/solid\.tsx$/ })])
  const script = (await scripts).get(pathname)
  const type = script === undefined ? 'text/html' : 'text/javascript'
  res.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store' })
  res.end(script ?? PAGE)
}

/** A certificate of its own, for this run. */
function createCertificate(): { key: Buffer; cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'streamwell-bench-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const request =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost'
  try {
    execFileSync('openssl', [...request.split(' '), '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    })
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// The writer's connection is idle while a page loads.
const plain = createServer({ keepAliveTimeout: 600_000 }, handle)
// A browser keeps to a hundred requests at once where a server does not say that it takes more.
const settings = { maxConcurrentStreams: 1000 }
const secure = createSecureServer({ ...createCertificate(), settings }, (req, res) =>
  handle(req as unknown as IncomingMessage, res as unknown as ServerResponse),
)
process.on('SIGTERM', () => process.exit())

function listen(server: typeof plain | typeof secure, protocol: string): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`)
    })
  })
}

answerCalls({
  async start() {
    secureUrl = await listen(secure, 'https')
    return listen(plain, 'http')
  },
})
