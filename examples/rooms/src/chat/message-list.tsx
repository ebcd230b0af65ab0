import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { MessageItem } from './message-item.tsx'
import type { Emoji } from './schema.ts'
import type { ShownMessage } from './use-messages.ts'

/** Whoever is within this many pixels of the end wants to see what comes. */
const NEAR_END_PX = 120

/** So many messages are in the page, and so many more at each request. */
const SHOWN_AT_ONCE = 200

interface MessageListProps {
  messages: ShownMessage[]
  meId: string
  onToggle: (messageId: string, emoji: Emoji) => void
}

export function MessageList({ messages, meId, onToggle }: MessageListProps): ReactNode {
  const [shown, setShown] = useState(SHOWN_AT_ONCE)
  const list = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const newest = messages.at(-1)

  useLayoutEffect(() => {
    const element = list.current
    if (element && (isAtEnd.current || newest?.userId === meId))
      element.scrollTop = element.scrollHeight
  }, [newest?.id, newest?.userId, meId])

  function noteScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = list.current!
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
  }
  return (
    <div
      className="messages"
      role="log"
      aria-label="Messages"
      tabIndex={0}
      ref={list}
      onScroll={noteScroll}
    >
      {messages.length === 0 && <p className="chat-empty">No messages yet. Say hello.</p>}
      {messages.length > shown && (
        <button type="button" className="button" onClick={() => setShown(shown + SHOWN_AT_ONCE)}>
          Show earlier messages
        </button>
      )}
      <ol>
        {messages.slice(-shown).map((message) => (
          <MessageItem key={message.id} message={message} meId={meId} onToggle={onToggle} />
        ))}
      </ol>
    </div>
  )
}
