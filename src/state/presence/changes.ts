type Fields = Readonly<Record<string, unknown>>

/**
 * A state with what has changed from one telling to the next; what changed by other ways stays.
 *
 * @param drops whether a field goes that is told no more.
 */
export function withChanges<State extends object>(
  state: State,
  before: Fields,
  now: Fields,
  drops: boolean,
): State {
  const next = { ...state } as Record<string, unknown>
  if (drops) for (const name of Object.keys(before)) if (!(name in now)) delete next[name]
  for (const [name, value] of Object.entries(now)) {
    if (JSON.stringify(value) !== JSON.stringify(before[name])) next[name] = value
  }
  return next as State
}
