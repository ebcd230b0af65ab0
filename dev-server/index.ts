export { tabulateAccess, type AccessTable, type AccessTableOptions } from './access-table.ts'
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from './fetch-handler.ts'
export { createNodeHandler, type HandlerOptions, type NodeHandler } from './node-handler.ts'
export {
  createDurableStreamServer,
  type DurableStreamServer,
  type ServerOptions,
} from './server.ts'
export { lmdbStorage, type LmdbOptions } from './storage/lmdb/lmdb.ts'
export { memoryStorage } from './storage/memory.ts'
export { nodeWebhooks, type NodeWebhooksOptions } from './subscriptions/node/webhooks.ts'
export type { Delivery, DeliveryAnswer, Webhooks } from './subscriptions/index.ts'
export {
  allow,
  deny,
  type Action,
  type Authorize,
  type AuthorizeQuestion,
  type Verdict,
} from './http/authorize.ts'
export type { Cors } from './http/cors.ts'
export type { CacheControl } from './http/house.ts'
export type { RateLimitOptions } from './http/rate-limit.ts'
export type { LifecycleEvent } from './operations/streams.ts'
export type { CommonOptions, SubscriptionSettings } from './options.ts'
export type { StorageOption } from './storage-option.ts'
export type * from './storage/storage.ts'
