import { serialize } from '../../core/encode.ts'
import { StreamError } from '../../core/errors.ts'
import type { ChangeEvent } from '../events.ts'
import { parseEvent } from '../parse-event.ts'

/** Longest state of one session as JSON, and longest name of a person or session, in characters. */
const MAX_STATE_LENGTH = 8192
const MAX_ID_LENGTH = 256

const TYPE = 'presence'

/** What a session says of itself: who it is of, and how they are. */
export interface Told {
  id: string
  /** As JSON, so that a beat that changes nothing is known by it. */
  text: string
  away: boolean
}

/** An event of a presence stream. Nothing told means that the session has left. */
export interface PresenceEvent {
  key: string
  told?: Told
  /** Comes anew, and wants to know who is here. */
  asks?: boolean
}

/** Never throws: what is no such event, or too large, gives nothing. */
export function parsePresence(json: unknown): PresenceEvent | undefined {
  const parsed = parseEvent(json)
  if (parsed.kind !== 'change' || parsed.event.type !== TYPE) return undefined
  const { key, headers, value } = parsed.event
  if (key.length > MAX_ID_LENGTH) return undefined
  if (headers.operation === 'delete') return { key }
  const { id, state, away } = Object(value) as Record<string, unknown>
  const text = textOf(state)
  if (!isPersonId(id) || !text || text.length > MAX_STATE_LENGTH) return undefined
  return { key, told: { id, text, away: away === true }, asks: headers.operation === 'insert' }
}

/** An `insert` comes anew, an `upsert` is still here. */
export function presenceText({ key, told, asks }: PresenceEvent): string {
  const operation = told ? (asks ? 'insert' : 'upsert') : 'delete'
  const value = told && { id: told.id, away: told.away, state: JSON.parse(told.text) as unknown }
  const event: ChangeEvent = { type: TYPE, key, value, headers: { operation } }
  return JSON.stringify(event)
}

/** Nothing for what is nested so deep that it can be read, but not written. */
function textOf(state: unknown): string | undefined {
  try {
    return JSON.stringify(state)
  } catch {
    return undefined
  }
}

export function isPersonId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH
}

/**
 * A state as all others will see it.
 *
 * @throws {StreamError} `invalid` for what JSON cannot say, `too-large` for more than 8,192 characters.
 */
export function stateText(state: unknown): string {
  const text = serialize(state)
  if (text.length <= MAX_STATE_LENGTH) return text
  throw new StreamError(
    'too-large',
    `A presence of ${text.length} characters: at most ${MAX_STATE_LENGTH}, as it is sent again and again`,
  )
}
