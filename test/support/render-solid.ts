import { createServer, type ViteDevServer } from 'vite'
import solid from 'vite-plugin-solid'
import { afterAll, beforeAll } from 'vitest'

/** Solid's own, in its build for servers. */
interface SolidOnServer {
  createComponent: (page: never, props: object) => unknown
  generateHydrationScript: () => string
  renderToString: (page: () => unknown) => string
  renderToStringAsync: (page: () => unknown) => Promise<string>
  renderToStream: (page: () => unknown) => {
    pipe: (to: { write: (text: string) => void; end: () => void }) => void
  }
}

/** Renders the pages of a file as a server does that runs beside the browser of a test. */
export interface SolidRenderer<Pages> {
  /** Of what is there at once. */
  render: (name: keyof Pages, props: object) => string
  /** Of everything, when that is there. */
  renderAsync: (name: keyof Pages, props: object) => Promise<string>
  /** In parts, as they come. */
  renderParts: (name: keyof Pages, props: object) => Promise<string[]>
  /** What a page needs in its head, to be taken over. */
  headScript: () => string
}

/**
 * Compiles a file for servers, for the tests of the calling file.
 *
 * @param file as a path from the root.
 */
export function solidRenderer<Pages>(file: string): SolidRenderer<Pages> {
  let server: ViteDevServer
  let pages: Pages
  let web: SolidOnServer

  beforeAll(async () => {
    server = await createServer({
      configFile: false,
      logLevel: 'error',
      appType: 'custom',
      plugins: [solid({ ssr: true, hot: false })],
      resolve: { tsconfigPaths: true },
      server: { middlewareMode: true, hmr: false, ws: false, watch: null },
      optimizeDeps: { noDiscovery: true },
    })
    pages = (await server.ssrLoadModule(file)) as Pages
    web = (await server.ssrLoadModule('solid-js/web')) as SolidOnServer
  })
  afterAll(() => server.close())

  const page = (name: keyof Pages, props: object) => (): unknown =>
    web.createComponent(pages[name] as never, props)

  return {
    headScript: () => web.generateHydrationScript(),
    render: (name, props) => web.renderToString(page(name, props)),
    renderAsync: (name, props) => web.renderToStringAsync(page(name, props)),
    renderParts: (name, props) =>
      new Promise((resolve) => {
        const parts: string[] = []
        web.renderToStream(page(name, props)).pipe({
          write: (part) => void parts.push(part),
          end: () => resolve(parts),
        })
      }),
  }
}
