import { StreamError } from '../../src/core/errors.ts'
import { BEGINNING, NOW } from '../../src/core/protocol.ts'
import { parseOffset } from '../operations/offset.ts'
import { parseTarget } from './parse-target.ts'
import type { RequestHeaders } from './parse-headers.ts'
import type { ForkOrigin } from '../operations/fork.ts'

/** Headers of a PUT that makes a fork. Protocol section 7. */
export const FORK_HEADER = {
  from: 'stream-forked-from',
  offset: 'stream-fork-offset',
  subOffset: 'stream-fork-sub-offset',
} as const

/** The beginning, as servers write it that count what they received and its bytes apart. */
const ZEROS = /^0{16}_0{16}$/

/**
 * What a PUT is to fork, if it is to fork something. Protocol section 7.
 *
 * @param prefix of the paths under which streams live; a source may be named with or without it
 * @throws {StreamError} `bad-request` for headers that name no source or no place in it.
 */
export function parseFork(headers: RequestHeaders, prefix: string): ForkOrigin | undefined {
  const from = headers[FORK_HEADER.from]
  const offset = headers[FORK_HEADER.offset]
  const subOffset = headers[FORK_HEADER.subOffset]
  if (from === undefined) {
    if (offset === undefined && subOffset === undefined) return undefined
    throw new StreamError(
      'bad-request',
      'Stream-Fork-Offset and Stream-Fork-Sub-Offset need a source: send Stream-Forked-From too',
    )
  }
  const position = offset === undefined ? undefined : parseForkOffset(offset)
  const beyond = subOffset === undefined ? 0 : parseSubOffset(subOffset)
  if (beyond > 0 && position === undefined) {
    throw new StreamError(
      'bad-request',
      `Stream-Fork-Sub-Offset ${beyond} counts from an offset: send Stream-Fork-Offset too`,
    )
  }
  return {
    path: parseSource(from, prefix),
    ...(position !== undefined && { offset: position }),
    ...(beyond > 0 && { subOffset: beyond }),
  }
}

function parseSource(text: string, prefix: string): string {
  const url = /^(\/|[a-z][a-z0-9+.-]*:\/\/)/i.test(text) ? text : `/${text}`
  return (parseTarget(url, prefix) ?? parseTarget(url, '')!).path
}

/** `now` is the source's tail, as is no offset at all. */
function parseForkOffset(text: string): number | undefined {
  if (text === NOW) return undefined
  return text === BEGINNING || ZEROS.test(text) ? 0 : parseOffset(text)
}

function parseSubOffset(text: string): number {
  const count = Number(text)
  if (/^(0|[1-9]\d*)$/.test(text) && Number.isSafeInteger(count)) return count
  throw new StreamError(
    'bad-request',
    `Stream-Fork-Sub-Offset must be a count such as 3, without sign or leading zero; got "${text}"`,
  )
}
