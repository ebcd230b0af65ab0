import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { build, createServer, preview, type InlineConfig, type ViteDevServer } from 'vite'
import { streamwell, type StreamwellOptions } from '../../src/vite-plugin/index.ts'
import { openEvents } from '../support/events.ts'
import { createStream, post } from '../support/server.ts'

async function makeApp(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'streamwell-app-'))
  onTestFinished(() => rm(root, { recursive: true }))
  await writeFile(
    join(root, 'index.html'),
    '<h1>App</h1><script type="module" src="/app.js"></script>',
  )
  await writeFile(join(root, 'app.js'), 'document.title = "started"')
  return root
}

function configOf(root: string, options?: StreamwellOptions): InlineConfig {
  return {
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [streamwell(options)],
    server: { port: 0, host: '127.0.0.1' },
    preview: { port: 0, host: '127.0.0.1' },
  }
}

async function startVite(
  config: InlineConfig,
): Promise<{ vite: ViteDevServer; origin: string; streams: string }> {
  const vite = await createServer(config)
  onTestFinished(() => vite.close())
  await vite.listen()
  const origin = originOf(vite)
  return { vite, origin, streams: `${origin}/v1/stream` }
}

const originOf = ({ resolvedUrls }: Pick<ViteDevServer, 'resolvedUrls'>): string =>
  new URL(resolvedUrls!.local[0]!).origin

describe('an app served by Vite', () => {
  it('has its streams on its own origin, next to its pages', async () => {
    const { origin, streams } = await startVite(configOf(await makeApp()))
    const stream = await createStream(streams, { path: 'rooms/counter' })
    await post(stream, '{"n":1}')
    expect(await (await fetch(stream)).json()).toEqual([{ n: 1 }])
    expect((await fetch(`${streams}/nowhere`)).status).toBe(404)

    const page = await fetch(origin, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('<h1>App</h1>')
    expect(await (await fetch(`${origin}/app.js`)).text()).toContain('started')
    expect(await (await fetch(`${origin}/@vite/client`)).text()).toContain('HMRClient')
  })

  it('shows a page that is loaded again what is there now, not what a cache kept', async () => {
    const { streams } = await startVite(configOf(await makeApp()))
    const { headers } = await fetch(await createStream(streams, { body: '1' }))
    expect(headers.get('cache-control')).toBe('private, no-cache')
  })

  it('follows a stream without anything in between holding events back', async () => {
    const { streams } = await startVite(configOf(await makeApp()))
    const stream = await createStream(streams)
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    await events.nextControl()
    for (const message of ['"a"', '"b"']) {
      await post(stream, message)
      expect((await events.nextControl())!.data).toBe(`[${message}]`)
    }
  })

  it('keeps its streams on disk if it is told a folder, through restarts of Vite', async () => {
    const root = await makeApp()
    const config = configOf(root, { storage: { lmdb: { path: 'data' } } })
    const { vite, streams } = await startVite(config)
    const stream = await createStream(streams, { body: '[1]' })
    await vite.restart()
    await post(stream, '2')
    expect(await (await fetch(stream)).json()).toEqual([1, 2])
    expect(await readdir(join(root, 'data'))).toContain('data.mdb')
  })

  it('keeps its streams when Vite restarts, and readers go on where they were', async () => {
    const { vite, streams } = await startVite(configOf(await makeApp()))
    const stream = await createStream(streams, { body: '["before"]' })
    const before = await openEvents(`${stream}?offset=-1&live=sse`)
    const { streamNextOffset } = (await before.nextControl())!.control

    await vite.restart()
    const cut = await before.next().catch((error: Error) => error.message)
    expect([undefined, 'terminated']).toContain(cut)

    expect(`${originOf(vite)}/v1/stream`).toBe(streams)
    const after = await openEvents(`${stream}?offset=${String(streamNextOffset)}&live=sse`)
    await after.nextControl()
    await post(stream, '"after"')
    expect((await after.nextControl())!.data).toBe('["after"]')
  })

  it('finds them again though the plugin was made anew, and shares them with no other app', async () => {
    const [root, other] = [await makeApp(), await makeApp()]
    const first = await startVite(configOf(root))
    await createStream(first.streams, { body: '["kept"]' })
    await first.vite.close()
    const second = await startVite(configOf(root))
    expect(await (await fetch(`${second.streams}/a`)).json()).toEqual(['kept'])
    const stranger = await startVite(configOf(other))
    expect((await fetch(`${stranger.streams}/a`)).status).toBe(404)
  })

  it('lets Vite close while streams are followed', async () => {
    const { vite, streams } = await startVite(configOf(await makeApp()))
    const stream = await createStream(streams)
    // So neither ends by itself.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    const poll = fetch(`${stream}?offset=-1&live=long-poll`).catch(() => 'cut off')
    await events.nextControl()
    vi.useRealTimers()
    await vite.close()
    await poll
  })

  it('gives pages of foreign origins no more than Vite does', async () => {
    const { streams } = await startVite(configOf(await makeApp()))
    const { headers } = await fetch(`${streams}/a`, { headers: { origin: 'https://evil.example' } })
    expect(headers.get('access-control-allow-origin')).not.toBe('*')
  })

  it('has them as well in a server of its own that Vite is a part of', async () => {
    const config = configOf(await makeApp())
    const vite = await createServer({ ...config, server: { middlewareMode: true, ws: false } })
    const server = createHttpServer(vite.middlewares)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(async () => {
      server.closeAllConnections()
      server.close()
      await vite.close()
    })
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const stream = await createStream(`${origin}/v1/stream`, { body: '["kept"]' })
    await vite.restart()
    expect(await (await fetch(stream)).json()).toEqual(['kept'])
    expect(await (await fetch(origin)).text()).toContain('<h1>App</h1>')
  })

  it('may have its streams elsewhere, below a base of its own', async () => {
    const config = configOf(await makeApp(), { prefix: '/streams' })
    const { origin } = await startVite({ ...config, base: '/app/' })
    await createStream(`${origin}/streams`)
    expect(await (await fetch(`${origin}/app/`)).text()).toContain('<h1>App</h1>')
  })

  it('is told at the start of a prefix that cannot be', async () => {
    const config = configOf(await makeApp(), { prefix: 'streams/' })
    await expect(createServer(config)).rejects.toThrow('prefix cannot be "streams/"')
  })

  it('has streams in the preview of its build as well, unbuffered', async () => {
    const config = configOf(await makeApp())
    await build(config)
    const server = await preview(config)
    onTestFinished(() => server.close())
    const stream = await createStream(`${originOf(server)}/v1/stream`, { body: '["built"]' })
    const events = await openEvents(`${stream}?offset=-1&live=sse`)
    expect((await events.nextControl())!.data).toBe('["built"]')
    expect(await (await fetch(originOf(server))).text()).toContain('<h1>App</h1>')
  })
})
