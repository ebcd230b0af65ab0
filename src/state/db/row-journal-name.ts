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
