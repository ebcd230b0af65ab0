import { JSON_CONTENT_TYPE } from '../../src/core/protocol.ts'

/** How the bytes of a stream divide into what a reader can use. */
export type Framing = 'json' | 'text' | 'binary'

/** The media type alone: lower case, without parameters. Protocol section 2. */
export function mediaType(contentType: string): string {
  const end = contentType.indexOf(';')
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

export function framingOf(contentType: string): Framing {
  const type = mediaType(contentType)
  if (type === JSON_CONTENT_TYPE) return 'json'
  return type.startsWith('text/') ? 'text' : 'binary'
}
