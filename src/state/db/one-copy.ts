import { createCollection } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import { reportError } from '../report-error.ts'

/** On the global object, where every copy of this package finds it. */
const COPY = Symbol.for('streamwell.tanstack-db')
/** What a query of TanStack DB looks for in a source that its own copy did not make. */
const BRAND = Symbol.for('@tanstack/db.collectionOptions')

/**
 * Collections of one copy of TanStack DB are no collections to the queries of another one, which say
 * so in a way that names no cause. This does: at once when two databases of a page run on two
 * copies, else at the first query of another copy that is given one of these collections.
 *
 * @throws {StreamError} `invalid` for the second copy in a page. A server may have several.
 */
export function checkOneCopy(collections: Iterable<object>): void {
  const page: { [COPY]?: unknown; document?: unknown } = globalThis
  const error = new StreamError(
    'invalid',
    'Two copies of @tanstack/db ("npm ls @tanstack/db"): have one by "overrides" in package.json, ' +
      'or resolve.dedupe in Vite',
  )
  if (page.document && (page[COPY] ??= createCollection) !== createCollection) throw error
  for (const collection of collections) {
    // Reported, not thrown: the query throws, and a later version may ask in its own copy, too.
    Object.defineProperty(collection, BRAND, { get: () => reportError(error) })
  }
}
