import { eq, toArray } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import type { Room } from './room.ts'
import type { Emoji } from './schema.ts'

/** A message as it is shown: with its writer and its reactions. */
export interface ShownMessage {
  id: string
  userId: string
  text: string
  order: number
  sentAt: string
  /** Undefined for a writer whom the room does not know. */
  name: string | undefined
  hue: number | undefined
  /** Shown here, but not yet confirmed by the stream. */
  isPending: boolean
  reactions: { id: string; userId: string; emoji: Emoji }[]
}

/** All messages, oldest first: messages joined to users, each with its reactions. */
export function useMessages({ collections }: Room): ShownMessage[] {
  const { messages, users, reactions } = collections
  const { data } = useLiveQuery({
    queryKey: ['messages', messages.id],
    query: (q) =>
      q
        .from({ message: messages })
        .leftJoin({ user: users }, ({ message, user }) => eq(message.userId, user.id))
        .orderBy(({ message }) => message.order)
        .orderBy(({ message }) => message.id)
        .select(({ message, user }) => ({
          id: message.id,
          userId: message.userId,
          text: message.text,
          order: message.order,
          sentAt: message.sentAt,
          name: user?.name,
          hue: user?.hue,
          isPending: message.$hasPendingWrites,
          reactions: toArray(
            q
              .from({ reaction: reactions })
              .where(({ reaction }) => eq(reaction.messageId, message.id))
              .select(({ reaction }) => ({
                id: reaction.id,
                userId: reaction.userId,
                emoji: reaction.emoji,
              })),
          ),
        })),
  })
  return data
}
