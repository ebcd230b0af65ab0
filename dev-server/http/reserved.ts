import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'

/** First path segment of the reserved API. Protocol section 9. */
export const RESERVED_SEGMENT = '__ds'

/** Answers requests below {@link RESERVED_SEGMENT}; `path` is below the prefix, as it was sent. */
export interface Reserved {
  handle(exchange: Exchange, path: string): Promise<Answer>
  /** Whether the path is for whom it gave a token, or public: an application's rules are not asked. */
  authorizesItself(path: string): boolean
}
