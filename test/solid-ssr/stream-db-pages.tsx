/** @jsxImportSource solid-js */
import { useLiveQuery } from '@tanstack/solid-db'
import { For, type JSX, Show, Suspense } from 'solid-js'
import { z } from 'zod'
import { createStateSchema, type StateSchema } from 'streamwell/state'
import { HydrationBoundary, type HydrationData, PartyProvider } from 'streamwell/solid'
import { useStreamDB } from 'streamwell/solid/db'

type Users = {
  users: {
    schema: z.ZodObject<{ id: z.ZodString; name: z.ZodString }>
    type: 'user'
    primaryKey: 'id'
  }
}

export const schema: StateSchema<Users> = createStateSchema<Users>({
  users: {
    schema: z.object({ id: z.string(), name: z.string() }),
    type: 'user',
    primaryKey: 'id',
  },
})

export interface NamesPageProps {
  serverUrl: string
  fetch?: typeof globalThis.fetch | undefined
  data?: HydrationData
}

/** Who is in a room. */
export function NamesPage(props: NamesPageProps): JSX.Element {
  return (
    <PartyProvider {...props}>
      <HydrationBoundary data={props.data}>
        <Suspense fallback={<p>Waiting…</p>}>
          <Names />
        </Suspense>
      </HydrationBoundary>
    </PartyProvider>
  )
}

function Names(): JSX.Element {
  const room = useStreamDB({ key: 'rooms/a', state: schema })
  const users = useLiveQuery((q) =>
    q.from({ user: room.db.collections.users }).orderBy(({ user: { name } }) => name),
  )
  return (
    <ul data-status={room.status.kind}>
      <Show when={room.isReady} fallback={<li>Loading…</li>}>
        <For each={users()}>{({ name }) => <li>{name}</li>}</For>
      </Show>
    </ul>
  )
}
