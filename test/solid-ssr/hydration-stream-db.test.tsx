/** @jsxImportSource solid-js */
import { hydrate } from 'solid-js/web'
import { expect, it, onTestFinished, vi } from 'vitest'
import { DurableStream } from 'streamwell'
import { loadStreamDB } from 'streamwell/state'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { eventually } from '../support/eventually.ts'
import { solidRenderer } from '../support/render-solid.ts'
import { startServer } from '../support/server.ts'
import * as pages from './stream-db-pages.tsx'

const server = solidRenderer<typeof pages>('/test/solid-ssr/stream-db-pages.tsx')
const user = (id: string, name: string) => pages.schema.users.upsert({ value: { id, name } })

it('the rows of a page are in its markup, which Solid takes over as it is and reads on from', async () => {
  const { url: serverUrl } = await startServer()
  const url = `${serverUrl}/rooms/a`
  const stream = await DurableStream.create({ url, contentType: 'application/json' })
  await stream.appendAll([user('1', 'Ada'), user('2', 'Bob')])
  const data = await loadStreamDB({ streamOptions: { url }, state: pages.schema })
  const html = await server.renderAsync('NamesPage', { serverUrl, data })
  await stream.append(user('3', 'Cy'))
  const complaints: unknown[] = []
  for (const say of ['warn', 'error'] as const) {
    const spy = vi.spyOn(console, say).mockImplementation((...of) => void complaints.push(of))
    onTestFinished(() => spy.mockRestore())
  }
  Reflect.deleteProperty(globalThis, '_$HY')
  const place = document.body.appendChild(document.createElement('div'))
  place.innerHTML = server.headScript() + html
  for (const script of place.querySelectorAll('script')) {
    // oxlint-disable-next-line no-eval -- A browser does no other.
    ;(0, eval)(script.textContent)
    script.remove()
  }
  const names = () => [...place.querySelectorAll('li')].map(({ textContent }) => textContent)
  expect(names()).toEqual(['Ada', 'Bob'])
  const frames: string[] = []
  const observer = new MutationObserver(() => frames.push(names().join()))
  observer.observe(place, { childList: true, subtree: true, characterData: true })

  const tap = tapFetch()
  const list = place.querySelector('ul')
  const leave = hydrate(
    () => <pages.NamesPage serverUrl={serverUrl} data={data} fetch={tap.fetch} />,
    place,
  )
  onTestFinished(() => {
    observer.disconnect()
    leave()
    place.remove()
  })
  expect(names()).toEqual(['Ada', 'Bob'])
  await eventually(() => expect(names()).toEqual(['Ada', 'Bob', 'Cy']))
  expect(place.querySelector('ul')).toBe(list)
  expect(new Set(frames)).toEqual(new Set(['Ada,Bob', 'Ada,Bob,Cy']))
  expect(tap.asked[0]).toMatchObject({ offset: data.offset })
  expect(tap.asked.filter(({ offset }) => offset === '-1')).toEqual([])
  expect(complaints).toEqual([])
})
