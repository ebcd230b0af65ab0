import { serialize } from '../../core/encode.ts'
import { StreamError } from '../../core/errors.ts'
import type { ChangeEvent } from '../events.ts'

/** Longest state of one session as JSON, and longest name of a person or session, in characters. */
const MAX_STATE_LENGTH = 8192
const MAX_NAME_LENGTH = 256

const TYPE = 'presence'
const PUTS: readonly unknown[] = ['insert', 'update', 'upsert']

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

/** Never throws: what is no such event, or too large, gives nothing. Protocol section 10. */
export function parsePresence(json: unknown): PresenceEvent | undefined {
  const { type, key, value, headers } = fieldsOf(json)
  const { operation } = fieldsOf(headers)
  if (type !== TYPE || !isName(key)) return undefined
  if (operation === 'delete') return { key }
  const { id, state, away } = fieldsOf(value)
  const text = textOf(state)
  if (!PUTS.includes(operation) || !isName(id)) return undefined
  if (!text || text.length > MAX_STATE_LENGTH) return undefined
  return { key, told: { id, text, away: away === true }, asks: operation === 'insert' }
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

/** Whether it can name a person, or a session. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && name.length <= MAX_NAME_LENGTH
}

function fieldsOf(json: unknown): Record<string, unknown> {
  return Object(json) as Record<string, unknown>
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
