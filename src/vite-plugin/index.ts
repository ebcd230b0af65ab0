import type { IncomingMessage, ServerResponse } from 'node:http'
import { resolve } from 'node:path'
import type { Plugin, PreviewServer, ViteDevServer } from 'vite'
import {
  createNodeHandler,
  lmdbStorage,
  memoryStorage,
  type Storage,
  type StorageOption,
} from '../../dev-server/index.ts'
import { sharedStorage } from './shared-storage.ts'
import { describeTanstackCopies, findTanstackCopies } from './tanstack-copies.ts'

export interface StreamwellOptions {
  /** Path on Vite's origin under which streams live. Default `/v1/stream`. */
  prefix?: string
  /**
   * Where streams live: `{ lmdb: { path } }` keeps them on disk, in a folder named from Vite's root.
   * Default: this process's memory. Either outlives restarts of Vite.
   */
  storage?: StorageOption
}

/**
 * Serves streams on Vite's own origin, in `vite` and `vite preview`: no port, no CORS, no URL in the
 * app. They live as long as the process, whatever restarts in it. Where TanStack DB is installed,
 * pages run on one copy of it, and Vite warns at its start when there are more.
 *
 * @throws {StreamError} `invalid`, when Vite starts, for an option that cannot be.
 */
export function streamwell({
  prefix = '/v1/stream',
  storage = 'memory',
}: StreamwellOptions = {}): Plugin {
  return {
    name: 'streamwell',
    config({ root = '.' }) {
      // From a root that has none, everyone else would find none either.
      const [copy] = findTanstackCopies(resolve(root))
      return copy?.importers.includes('the app') ? { resolve: { dedupe: ['@tanstack/db'] } } : {}
    },
    configResolved({ root, logger }) {
      const problem = describeTanstackCopies(findTanstackCopies(root))
      if (problem) logger.warn(`streamwell: ${problem}`)
    },
    configureServer: mount,
    configurePreviewServer: mount,
  }

  function mount({ config, httpServer, middlewares }: ViteDevServer | PreviewServer): void {
    const handler = createNodeHandler({
      prefix,
      storage: openOnce(storage, config.root, prefix),
      // Workers run on this machine, too.
      subscriptions: { allowLocalWebhooks: true },
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

/** A restart of Vite begins before the old server is closed, so neither may own the storage. */
function openOnce(storage: StorageOption, root: string, prefix: string): StorageOption {
  if (storage === 'memory') return sharedStorage(`memory ${root} ${prefix}`, memoryStorage)
  if (!isLmdb(storage)) return storage
  const path = resolve(root, storage.lmdb.path)
  return sharedStorage(`lmdb ${path}`, (): Storage => lmdbStorage({ ...storage.lmdb, path }))
}

/** What is no usable storage is left to the server, which says so. */
function isLmdb(storage: StorageOption): storage is Extract<StorageOption, { lmdb: unknown }> {
  const lmdb = typeof storage === 'object' && storage && 'lmdb' in storage && storage.lmdb
  return typeof lmdb === 'object' && typeof lmdb?.path === 'string' && lmdb.path !== ''
}

function describe(error: unknown): string {
  return `streamwell: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}
