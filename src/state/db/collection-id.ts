/**
 * Id of a collection in TanStack DB: the same name in two streams must be two collections, or a
 * query that joins them would take them for one.
 */
export function getStreamDBCollectionId(streamUrl: string, collectionName: string): string {
  return `stream-db:${streamUrl}:${collectionName}`
}
