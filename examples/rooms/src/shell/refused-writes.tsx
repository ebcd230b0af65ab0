import type { ReactNode } from 'react'
import { useFailures } from 'streamwell/react'
import { Refusals } from './refusals.tsx'

const CHANGES: Record<string, string> = {
  'rooms/counter': 'Your change to the counter',
  'rooms/todos': 'Your change to the todos',
}

/** The changes of the rooms that are built on hooks, also after their room was left. */
export function RefusedWrites(): ReactNode {
  const refusals = useFailures().map((failure) => ({
    ...failure,
    what: CHANGES[failure.key] ?? 'Your change',
  }))
  return <Refusals failures={refusals} />
}
