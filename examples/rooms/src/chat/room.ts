import { createStreamDB } from 'streamwell/state'
import { newId } from '../shell/new-id.ts'
import { chatSchema, type Message } from './schema.ts'

export const ROOM_URL = '/v1/stream/rooms/chat'

export type Room = ReturnType<typeof openRoom>

/** The chat room as a database: a live collection for each kind of row in its stream. */
export function openRoom() {
  return createStreamDB({
    streamOptions: { url: ROOM_URL },
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
