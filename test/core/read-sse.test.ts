import { expect, it } from 'vitest'
import type { Batch } from '../../src/core/batch.ts'
import { openLine } from '../../src/core/line.ts'
import { readSse } from '../../src/core/read-sse.ts'

const wire =
  'event: data\ndata: [{"text":"é🙂"},\ndata: 2]\n\nevent: control\ndata: {"streamNextOffset":"7","streamCursor":"c"}\n\n' +
  'event: control\ndata: {"streamNextOffset":"7","upToDate":true}\n\n'

function responseOf(chunks: Uint8Array[], headers: Record<string, string> = {}): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const response = new Response(body, {
    headers: { 'content-type': 'text/event-stream', ...headers },
  })
  Object.defineProperty(response, 'url', { value: 'http://127.0.0.1/s' })
  return response
}

async function batchesOf(response: Response): Promise<Batch[]> {
  const line = openLine(undefined, 60_000, 60_000)
  const batches: Batch[] = []
  for await (const batch of readSse(response, { offset: '0' }, line)) batches.push(batch)
  line.close()
  return batches
}

it('reads the same data and ends at the same place wherever the bytes are cut', async () => {
  const bytes = new TextEncoder().encode(wire)
  for (let at = 0; at <= bytes.length; at++) {
    const batches = await batchesOf(responseOf([bytes.slice(0, at), bytes.slice(at)]))
    expect(batches.flatMap(({ parts }) => parts)).toEqual(['[{"text":"é🙂"},\n2]'])
    expect(batches.at(-1), `cut at ${at}`).toMatchObject({
      offset: '7',
      upToDate: true,
      streamClosed: false,
    })
  }
})

it('gives what came together as one batch, up to its last control event', async () => {
  const text = `${wire}event: data\ndata: [3]\n\n`
  expect(await batchesOf(responseOf([new TextEncoder().encode(text)]))).toMatchObject([
    { parts: ['[{"text":"é🙂"},\n2]'], offset: '7', upToDate: true },
  ])
})

it('drops data whose offset never came, since it comes again', async () => {
  const text = new TextEncoder().encode('event: data\ndata: [1]\n\n')
  expect(await batchesOf(responseOf([text]))).toEqual([])
})

it('decodes bytes that were sent as base64', async () => {
  const text = `event: data\ndata: AAECyA==\n\nevent: control\ndata: {"streamNextOffset":"4","streamClosed":true}\n\n`
  const response = responseOf([new TextEncoder().encode(text)], {
    'stream-sse-data-encoding': 'base64',
  })
  expect(await batchesOf(response)).toEqual([
    {
      parts: [new Uint8Array([0, 1, 2, 200])],
      offset: '4',
      cursor: undefined,
      upToDate: true,
      streamClosed: true,
    },
  ])
})

it('names the address that answers with something else', async () => {
  const page = new Response('<html>', { headers: { 'content-type': 'text/html' } })
  await expect(batchesOf(page)).rejects.toMatchObject({ code: 'malformed' })
})
