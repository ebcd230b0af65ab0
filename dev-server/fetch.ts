/** The server for hosts that are no Node: nothing here imports a module of Node's. */
export { createFetchHandler, type FetchHandler, type FetchHandlerOptions } from './fetch-handler.ts'
export {
  allow,
  deny,
  type Authorize,
  type AuthorizeQuestion,
  type Verdict,
} from './http/authorize.ts'
export { memoryStorage } from './storage/memory.ts'
export type { CommonOptions } from './options.ts'
export type { Storage } from './storage/storage.ts'
