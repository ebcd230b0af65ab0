import type { StateDefinition } from '../definition.ts'

const FORMAT = 1
const CREDENTIAL = /token|secret|passw|signature|credential|auth|jwt/i

/** Names the journal of a stream, without the credentials that its URL may carry. */
export function journalName(streamUrl: string, scope: string = ''): string {
  return `rows:${scope}:${withoutCredentials(streamUrl)}`
}

function withoutCredentials(streamUrl: string): string {
  if (!URL.canParse(streamUrl)) return streamUrl
  const url = new URL(streamUrl)
  url.username = url.password = url.hash = ''
  for (const name of [...url.searchParams.keys()]) {
    if (CREDENTIAL.test(name)) url.searchParams.delete(name)
  }
  return url.href
}

/** Names what rows are made by: rows that another schema made are of no use. */
export function schemaName(schema: StateDefinition, version: string | number | undefined): string {
  const collections = Object.entries(schema).map(([name, { type, primaryKey }]) => [
    name,
    type,
    primaryKey,
  ])
  collections.sort(([one], [two]) => (one! < two! ? -1 : 1))
  return JSON.stringify([FORMAT, version ?? null, collections])
}
