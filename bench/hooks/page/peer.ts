import { DurableStream, stream } from '@durable-streams/client'

interface StateEvent {
  value: number
}

const urlOf = (key: string): string => `${location.origin}/v1/stream/${key}`

/** Follows a stream for one hook, and tells it each value. @returns what ends that. */
export function followPeer(key: string, onValue: (value: number) => void): () => void {
  const controller = new AbortController()
  const { signal } = controller
  const following = stream<StateEvent>({ url: urlOf(key), offset: '-1', live: 'sse', signal })
  void following.then((response) =>
    response.subscribeJson((batch) => {
      for (const { value } of batch.items) onValue(value)
    }),
  )
  return () => controller.abort()
}

/** Sets a value, as the peer's client does. */
export async function setPeer(key: string, value: number): Promise<void> {
  const handle = new DurableStream({ url: urlOf(key), contentType: 'application/json' })
  const headers = { operation: 'upsert' }
  await handle.append(JSON.stringify({ type: 'state', key: 'value', value, headers }))
}
