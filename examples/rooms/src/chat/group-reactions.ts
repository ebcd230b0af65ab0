import { EMOJIS, type Emoji } from './schema.ts'

export interface ReactionGroup {
  emoji: Emoji
  count: number
  /** Whether the reader is one of them. */
  isMine: boolean
}

/** One group for each emoji that one can choose, in the order in which they are offered. */
export function groupReactions(
  reactions: readonly { userId: string; emoji: Emoji }[],
  readerId: string,
): ReactionGroup[] {
  return EMOJIS.map((emoji) => {
    const those = reactions.filter((reaction) => reaction.emoji === emoji)
    const isMine = those.some(({ userId }) => userId === readerId)
    return { emoji, count: those.length, isMine }
  })
}
