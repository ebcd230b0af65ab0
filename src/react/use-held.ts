import { useState } from 'react'

/**
 * What `create` gave for a name in a scope: the same in each render until one of them changes.
 *
 * @param scope what else it depends on.
 */
export function useHeld<Held>(scope: unknown, name: unknown, create: () => Held): Held {
  const hold = (): [scope: unknown, name: unknown, held: Held] => [scope, name, create()]
  const [first, setHeld] = useState(hold)
  if (first[0] === scope && first[1] === name) return first[2]
  const next = hold()
  setHeld(next)
  return next[2]
}
