const CONTENT_TYPE = 'application/json'

/** The head of a request with a JSON body of so many bytes. */
export function writeHead(method: 'PUT' | 'POST', url: string, length: number): string {
  const { host, pathname } = new URL(url)
  return (
    `${method} ${pathname} HTTP/1.1\r\nHost: ${host}\r\n` +
    `Content-Type: ${CONTENT_TYPE}\r\nContent-Length: ${length}\r\n\r\n`
  )
}

/** A whole request with a JSON body. */
export function writeRequest(
  method: 'PUT' | 'POST',
  url: string,
  body: Uint8Array = new Uint8Array(),
): Buffer {
  return Buffer.concat([Buffer.from(writeHead(method, url, body.length), 'latin1'), body])
}

/** @param query names of parameters and their values, in order */
export function readRequest(
  url: string,
  query: Readonly<Record<string, string>>,
  headers = '',
): string {
  const { host, pathname } = new URL(url)
  return `GET ${pathname}?${new URLSearchParams(query)} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`
}

/** The value of a header in a head of lower case. */
export function headerOf(head: string, name: string): string | undefined {
  const start = head.indexOf(`\r\n${name}: `)
  if (start < 0) return undefined
  const from = start + name.length + 4
  const end = head.indexOf('\r\n', from)
  return head.slice(from, end < 0 ? undefined : end)
}
