import type { Batch } from '../../core/batch.ts'
import { joinBytes, parseItems } from '../../core/decode.ts'
import { BEGINNING } from '../../core/protocol.ts'
import { decodeUtf8, wholeCharacters } from './utf8.ts'

/** What has been read, and where the reading goes on; JSON, to be kept. */
export interface TextSoFar {
  text: string
  offset: string
  /** Bytes at the end of what was read that are the beginning of a character. */
  rest: readonly number[]
  end?: string | undefined
  isDone: boolean
  isStopped: boolean
}

export const NO_TEXT: TextSoFar = {
  text: '',
  offset: BEGINNING,
  rest: [],
  isDone: false,
  isStopped: false,
}

/** What an item of a JSON stream tells. */
export interface ItemRules {
  textOf: (item: unknown) => string | undefined
  endOf: (item: unknown) => string | undefined
}

/** @param rules are given for a JSON stream; any other is text itself. */
export function addBatch(soFar: TextSoFar, batch: Batch, rules: ItemRules | undefined): TextSoFar {
  const at = { offset: batch.offset, isDone: batch.streamClosed }
  return rules ? addItems(soFar, batch, at, rules) : addText(soFar, batch, at)
}

type At = Pick<TextSoFar, 'offset' | 'isDone'>

/** @throws {StreamError} `malformed` for what is no JSON. */
function addItems(soFar: TextSoFar, batch: Batch, at: At, { textOf, endOf }: ItemRules): TextSoFar {
  let { text, end } = soFar
  for (const item of parseItems(batch).items) {
    text += textOf(item) ?? ''
    end = endOf(item) ?? end
  }
  return { ...soFar, ...at, text, end }
}

function addText(soFar: TextSoFar, { parts }: Batch, at: At): TextSoFar {
  let { text } = soFar
  let bytes: Uint8Array = Uint8Array.from(soFar.rest)
  for (const part of parts) {
    if (typeof part !== 'string') {
      const joined = bytes.length > 0 ? joinBytes([bytes, part]) : part
      const whole = wholeCharacters(joined)
      text += decodeUtf8(joined.subarray(0, whole))
      bytes = joined.subarray(whole)
    } else if (part) {
      // The rest of a character cannot come as text.
      text += decodeUtf8(bytes) + part
      bytes = new Uint8Array()
    }
  }
  if (!at.isDone) return { ...soFar, ...at, text, rest: [...bytes] }
  return { ...soFar, ...at, text: text + decodeUtf8(bytes), rest: [] }
}
