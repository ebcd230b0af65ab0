import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin, PreviewServer, ViteDevServer } from 'vite'
import { createNodeHandler, type HandlerOptions } from '../../dev-server/index.ts'
import { sharedStorage } from './shared-storage.ts'

export interface StreamwellOptions {
  /** Path on Vite's origin under which streams live. Default `/v1/stream`. */
  prefix?: string
  /** Where streams live. Default: this process's memory, which outlives restarts of Vite. */
  storage?: NonNullable<HandlerOptions['storage']>
}

/**
 * Serves streams on Vite's own origin, in `vite` and `vite preview`: no port, no CORS, no URL in the
 * app. They live as long as the process, whatever restarts in it.
 *
 * @throws {StreamError} `invalid`, when Vite starts, for an option that cannot be.
 */
export function streamwell({
  prefix = '/v1/stream',
  storage = 'memory',
}: StreamwellOptions = {}): Plugin {
  return {
    name: 'streamwell',
    configureServer: mount,
    configurePreviewServer: mount,
  }

  function mount({ config, httpServer, middlewares }: ViteDevServer | PreviewServer): void {
    const handler = createNodeHandler({
      prefix,
      storage: storage === 'memory' ? sharedStorage(`${config.root} ${prefix}`) : storage,
      // Which other origins may call is Vite's decision, made by `server.cors`.
      cors: false,
      // A page that is loaded again must not be shown what was there a minute ago.
      cacheControl: 'revalidate',
      onError: (error) => config.logger.error(describe(error), { timestamp: true }),
    })
    middlewares.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
      void handler.handle(req, res, next)
    })
    httpServer?.once('close', () => void handler.close())
  }
}

function describe(error: unknown): string {
  return `streamwell: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
