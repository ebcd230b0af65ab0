import { ACTIONS, type Action, type Authorize } from './http/authorize.ts'

export interface AccessTableOptions {
  /** One request of each kind of caller, by a name of yours: `{ alice: new Request(…) }`. */
  requests: Readonly<Record<string, Request>>
  /** Paths as the rules get them: `['rooms/1', '__registry__']`. */
  paths: readonly string[]
}

/** Who may do what where: `table.alice['rooms/1']` is `['read', 'append']`. */
export type AccessTable = Record<string, Record<string, Action[]>>

/**
 * Asks rules of access everything there is to ask, as the server would: a table to compare with the
 * one you mean, or to keep as a snapshot in your tests.
 *
 * @throws whatever the rules throw. To the server that is a refusal, and an error to report.
 */
export async function tabulateAccess(
  authorize: Authorize,
  { requests, paths }: AccessTableOptions,
): Promise<AccessTable> {
  const table: AccessTable = {}
  for (const [who, request] of Object.entries(requests)) {
    const row: Record<string, Action[]> = (table[who] = {})
    for (const path of paths) row[path] = await allowedActions(authorize, path, request)
  }
  return table
}

async function allowedActions(
  authorize: Authorize,
  path: string,
  request: Request,
): Promise<Action[]> {
  const allowed: Action[] = []
  for (const action of ACTIONS) {
    // Each question is one of a request that nobody has read from.
    const verdict = await authorize({ action, path, request: request.clone() })
    if (verdict?.allowed === true) allowed.push(action)
  }
  return allowed
}
