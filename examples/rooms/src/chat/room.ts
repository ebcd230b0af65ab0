import { useStreamDB } from 'streamwell/react/db'
import { newId } from '../shell/new-id.ts'
import { chatSchema, type Message } from './schema.ts'

/** Of the room's stream, and of who is there. */
export const ROOM_KEY = 'rooms/chat'

export type Room = ReturnType<typeof useRoom>['db']

/** The chat room as a database: a live collection for each kind of row in its stream. */
export function useRoom() {
  return useStreamDB({
    key: ROOM_KEY,
    state: chatSchema,
    actions: ({ db, stream }) => ({
      /** Shown at once. Done when the message has come back in the stream, rolled back when it was refused. */
      sendMessage: {
        onMutate: (message: Message) => {
          db.collections.messages.insert(message)
        },
        mutationFn: async (message: Message) => {
          const txid = newId()
          await stream.append(chatSchema.messages.insert({ value: message, headers: { txid } }))
          await db.utils.awaitTxId(txid)
        },
      },
    }),
  })
}
