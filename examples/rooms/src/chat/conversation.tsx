import { useCallback, type ReactNode } from 'react'
import { usePresence } from 'streamwell/react'
import { newId } from '../shell/new-id.ts'
import { Refusals } from '../shell/refusals.tsx'
import { useAttempts } from '../shell/use-attempts.ts'
import { Composer } from './composer.tsx'
import { MessageList } from './message-list.tsx'
import { People } from './people.tsx'
import type { Person } from './person.ts'
import { Rename } from './rename.tsx'
import { ROOM_KEY, type Room } from './room.ts'
import type { Emoji } from './schema.ts'
import { useIntroduction } from './use-introduction.ts'
import { useMessages } from './use-messages.ts'

interface ConversationProps {
  room: Room
  me: Person
  onRename: (name: string) => void
}

export function Conversation({ room, me, onRename }: ConversationProps): ReactNode {
  const messages = useMessages(room)
  const { people } = usePresence(ROOM_KEY, me)
  const [refusals, attempt] = useAttempts()
  useIntroduction(room, me, attempt)

  function send(text: string): void {
    const order = 1 + (messages.at(-1)?.order ?? 0)
    const message = { id: newId(), userId: me.id, text, order, sentAt: new Date().toISOString() }
    attempt(`Your message “${text}”`, () => room.actions.sendMessage(message))
  }
  const toggle = useCallback(
    (messageId: string, emoji: Emoji) => {
      const { reactions } = room.collections
      const id = `${messageId} ${me.id} ${emoji}`
      const reaction = { id, messageId, userId: me.id, emoji }
      attempt('Your reaction', () => {
        const write = reactions.has(id) ? reactions.delete(id) : reactions.insert(reaction)
        return write.isPersisted.promise
      })
    },
    [room, me.id, attempt],
  )
  return (
    <>
      <Refusals failures={refusals} />
      <div className="chat-layout">
        <section className="conversation card" aria-label="Conversation">
          <MessageList messages={messages} meId={me.id} onToggle={toggle} />
          <Composer me={me} onSend={send} />
        </section>
        <aside className="people card" aria-label="People">
          <People people={people} meId={me.id} />
          <Rename name={me.name} onRename={onRename} />
        </aside>
      </div>
    </>
  )
}
