import { parseAppend } from './parse-append.ts'
import { parseCreate } from './parse-create.ts'
import { parseFork } from './parse-fork.ts'
import { parseClosed } from './parse-headers.ts'
import { refusal } from './refusal.ts'
import { appendAnswer, createAnswer, deleteAnswer } from './respond.ts'
import type { Action } from './authorize.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'

/** Creates a stream. Protocol section 2. */
export async function put(house: House, exchange: Exchange, path: string): Promise<Answer> {
  const source = parseFork(exchange.headers, house.prefix)?.path
  const refused =
    (await refusal(house, exchange, path, ['create'])) ??
    (source !== undefined && (await refusal(house, exchange, source, ['read'])))
  if (refused) return refused
  const body = await exchange.body(house.maxBodyBytes)
  const command = parseCreate(exchange.headers, body, house.now(), house)
  const outcome = await house.streams.create(path, { ...command, id: house.newId() })
  // The stream's URL as this caller sees it; the path alone if it did not say whom it asks.
  const origin = house.publicOrigin ?? exchange.origin ?? ''
  return createAnswer(outcome, `${origin}${house.prefix}/${path}`)
}

/** Appends, closes, or both. Protocol sections 3 and 4. */
export async function post(house: House, exchange: Exchange, path: string): Promise<Answer> {
  if (house.authorize) {
    const refused = await refusal(house, exchange, path, actionsOf(exchange))
    if (refused) return refused
  }
  const body = await exchange.body(house.maxBodyBytes)
  const parsed = parseAppend(exchange.headers, body, house)
  const command = parsed instanceof Promise ? await parsed : parsed
  return appendAnswer(await house.streams.append(path, command), path)
}

/** Protocol section 5, `DELETE`. */
export async function remove(house: House, exchange: Exchange, path: string): Promise<Answer> {
  const refused = await refusal(house, exchange, path, ['delete'])
  return refused ?? deleteAnswer(await house.streams.remove(path), path)
}

/** Only a closing request without a body is no append; a chunked one may have any. */
function actionsOf({ headers }: Exchange): Action[] {
  if (!parseClosed(headers)) return ['append']
  const isEmpty =
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0
  return isEmpty ? ['close'] : ['append', 'close']
}
