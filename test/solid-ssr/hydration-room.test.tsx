/** @jsxImportSource solid-js */
import { hydrate } from 'solid-js/web'
import { expect, it, onTestFinished, vi } from 'vitest'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { eventually } from '../support/eventually.ts'
import { solidRenderer } from '../support/render-solid.ts'
import { createStream, post, startServer } from '../support/server.ts'
import * as pages from './room-pages.tsx'

const server = solidRenderer<typeof pages>('/test/solid-ssr/room-pages.tsx')

it('a room is taken over as it was rendered: with its count, and nobody and no text in it', async () => {
  const { url: serverUrl } = await startServer()
  const answer = await createStream(serverUrl, { path: 'answer', contentType: 'text/plain' })
  await post(answer, 'Once', { 'content-type': 'text/plain' })
  const data = {
    kind: 'state',
    path: 'count',
    state: 41,
    offset: '0',
    version: '',
    untagged: 0,
  } as const
  const served = tapFetch()
  const html = server.render('RoomPage', { serverUrl, fetch: served.fetch, data })
  expect(served.asked).toEqual([])

  const complaints: unknown[] = []
  for (const say of ['warn', 'error'] as const) {
    const spy = vi.spyOn(console, say).mockImplementation((...of) => void complaints.push(of))
    onTestFinished(() => spy.mockRestore())
  }
  delete (globalThis as Record<string, unknown>)['_$HY']
  const place = document.body.appendChild(document.createElement('div'))
  place.innerHTML = server.headScript() + html
  for (const script of place.querySelectorAll('script')) {
    // oxlint-disable-next-line no-eval -- A browser does no other.
    ;(0, eval)(script.textContent)
    script.remove()
  }
  const shown = (): (string | null)[] =>
    [...place.querySelectorAll('li')].map(({ textContent }) => textContent)
  expect(shown()).toEqual(['41', '', '', '0'])

  const list = place.querySelector('ul')
  const { fetch } = tapFetch()
  const leave = hydrate(
    () => <pages.RoomPage serverUrl={serverUrl} fetch={fetch} data={data} />,
    place,
  )
  onTestFinished(() => {
    leave()
    place.remove()
  })
  expect(shown()[0]).toBe('41')
  await eventually(() => expect(shown().slice(1)).toEqual(['Once', 'Ann', '0']))
  expect(place.querySelector('ul')).toBe(list)
  expect(complaints).toEqual([])
})
