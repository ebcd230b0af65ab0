import { BEGINNING, NEXT_OFFSET } from '../../core/protocol.ts'

/** As our server makes them: which stream, from where, to where, and whether that is its end. */
const ETAG = /^(?:W\/)?"([^":]+):(\d+):(\d+)(?::\w+)?"$/

/**
 * Names the stream that answered: one that is made again under the same path has another name. Offsets
 * alone do not tell, when it has grown past the old one.
 *
 * @param offset what was asked for.
 * @returns nothing for an answer that does not say, as of other servers.
 */
export function lifeOf({ headers }: Response, offset: string | null): string | undefined {
  const [, life, from, to] = ETAG.exec(headers.get('etag') ?? '') ?? []
  const start = offset === BEGINNING ? 0 : Number(offset)
  const isOurs = Number(from) === start && Number(to) === Number(headers.get(NEXT_OFFSET))
  return isOurs ? life : undefined
}
