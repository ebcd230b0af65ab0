import { memo, type ReactNode } from 'react'
import { Avatar } from './avatar.tsx'
import { groupReactions } from './group-reactions.ts'
import type { Emoji } from './schema.ts'
import type { ShownMessage } from './use-messages.ts'

const EMOJI_NAMES: Record<Emoji, string> = {
  '❤️': 'Love',
  '😄': 'Smile',
  '😮': 'Surprise',
  '☕': 'Coffee',
}

interface MessageItemProps {
  message: ShownMessage
  meId: string
  onToggle: (messageId: string, emoji: Emoji) => void
}

export const MessageItem = memo(function MessageItem({
  message,
  meId,
  onToggle,
}: MessageItemProps): ReactNode {
  const { id, text, sentAt, name = 'Someone', hue = 0, isPending, reactions } = message
  return (
    <li className="message">
      <Avatar name={name} hue={hue} />
      <p className="message-head">
        <strong>{name}</strong>
        <time dateTime={sentAt}>{clockTime(sentAt)}</time>
        {message.userId === meId && (
          <span className="message-mark" data-sent={!isPending}>
            {isPending ? 'sending…' : 'sent ✓'}
          </span>
        )}
      </p>
      <p className="message-text">{text}</p>
      <div className="reactions">
        {groupReactions(reactions, meId).map(({ emoji, count, isMine }) => (
          <button
            key={emoji}
            type="button"
            className="reaction"
            aria-pressed={isMine}
            aria-label={`${EMOJI_NAMES[emoji]}, ${count}`}
            data-count={count}
            onClick={() => onToggle(id, emoji)}
          >
            <span aria-hidden="true">{emoji}</span>
            {count > 0 && count}
          </button>
        ))}
      </div>
    </li>
  )
})

function clockTime(date: string): string {
  return new Date(date).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}
