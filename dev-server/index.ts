export { createNodeHandler, type NodeHandler } from './node-handler.ts'
export {
  createDurableStreamServer,
  type DurableStreamServer,
  type ServerOptions,
} from './server.ts'
export { memoryStorage } from './storage/memory.ts'
export type { Cors } from './http/cors.ts'
export type { CacheControl } from './http/house.ts'
export type { HandlerOptions } from './options.ts'
export type * from './storage/storage.ts'
