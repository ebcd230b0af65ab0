/** @jsxImportSource solid-js */
import type { JSX } from 'solid-js'
import {
  HydrationBoundary,
  type HydrationData,
  PartyProvider,
  usePresence,
  useStreamText,
  useTyping,
} from '../../src/solid/index.ts'
import { serverAtom } from '../../src/solid/server-atom.ts'
import { useServerAtom } from '../../src/solid/use-server-atom.ts'

export interface RoomPageProps {
  serverUrl: string
  fetch?: typeof globalThis.fetch | undefined
  data?: HydrationData
}

const countAtom = serverAtom({ key: 'count', default: 0 })
const me = { id: 'ann', name: 'Ann' }

/** A room with all that is in no markup, and a count that is. */
export function RoomPage(props: RoomPageProps): JSX.Element {
  return (
    <PartyProvider {...props}>
      <HydrationBoundary data={props.data}>
        <Room />
      </HydrationBoundary>
    </PartyProvider>
  )
}

function Room(): JSX.Element {
  const [count] = useServerAtom(countAtom)
  const answer = useStreamText('answer')
  const room = usePresence('lobby', me)
  const field = useTyping('lobby', me)
  return (
    <ul>
      <li>{count()}</li>
      <li>{answer.text}</li>
      <li>{room.people.map(({ state }) => state.name).join()}</li>
      <li>{field.typing.length}</li>
    </ul>
  )
}
