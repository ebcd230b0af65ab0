import { act, cleanup, fireEvent, render, within } from '@testing-library/react'
import { type ReactElement, StrictMode } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { PartyProvider } from '../../src/react/index.ts'
import { useStreamText } from '../../src/react/use-stream-text.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { countingFetch } from './counting-fetch.ts'

beforeEach(() => sessionStorage.clear())
afterEach(cleanup)

function Answer({ from }: { from: string | undefined }): ReactElement {
  const { text, isDone, isStopped, status, error, stop, resume } = useStreamText(from)
  return (
    <section>
      <output>{text}</output>
      <p>
        {status.kind}
        {isDone && ', done'}
        {isStopped && ', stopped'}
        {error && `, ${error.code}`}
      </p>
      <button onClick={stop}>Stop</button>
      <button onClick={resume}>Go on</button>
    </section>
  )
}

async function createAnswer(serverUrl: string, path = 'answers/1'): Promise<DurableStream<string>> {
  const url = `${serverUrl}/${path}`
  return DurableStream.create<string>({ url, contentType: 'text/plain' })
}

function openPage(children: ReactElement, serverUrl: string, fetch = countingFetch().fetch) {
  const inProvider = (children: ReactElement): ReactElement => (
    <PartyProvider serverUrl={serverUrl} fetch={fetch}>
      {children}
    </PartyProvider>
  )
  const { container, unmount, rerender } = render(inProvider(children))
  const draw = (children: ReactElement): void => rerender(inProvider(children))
  return { ...within(container), unmount, draw }
}

const shows = (page: ReturnType<typeof within>, text: string): Promise<void> =>
  eventually(() => expect(page.getByRole('status').textContent).toBe(text))

describe('useStreamText', () => {
  it('shows an answer as it grows, by its key', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once ')
    const page = openPage(<Answer from="answers/1" />, url)
    await shows(page, 'Once ')
    page.getByText('live')
    await answer.append('upon ')
    await shows(page, 'Once upon ')
    await answer.close('a time')
    await shows(page, 'Once upon a time')
    page.getByText('closed, done')
  })

  it('reads a text once for all who show it, in strict mode too, and closes the connection', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once')
    const { fetch, open, opened } = countingFetch()
    const many = Array.from({ length: 50 }, (_, n) => <Answer key={n} from="answers/1" />)
    const page = openPage(<StrictMode>{many}</StrictMode>, url, fetch)
    await eventually(() => expect(page.getAllByText('Once')).toHaveLength(50))
    await eventually(() => expect(open()).toBe(1))
    page.unmount()
    await eventually(() => expect(open()).toBe(0))
    expect(opened()).toBe(1)
  })

  it('shows the text of the key that it has now, and none of another', async () => {
    const { url } = await startServer()
    const [one, other] = [await createAnswer(url, 'one'), await createAnswer(url, 'other')]
    await one.append('One')
    await other.append('Other')
    const page = openPage(<Answer from={undefined} />, url)
    page.getByText('idle')
    page.draw(<Answer from="one" />)
    await shows(page, 'One')
    page.draw(<Answer from="other" />)
    expect(page.getByRole('status').textContent).toBe('')
    await shows(page, 'Other')
    page.draw(<Answer from="one" />)
    expect(page.getByRole('status').textContent).toBe('One')
    page.draw(<Answer from={undefined} />)
    expect(page.getByRole('status').textContent).toBe('')
  })

  it('can be stopped by one for all, and goes on', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once ')
    const page = openPage(<Answer from="answers/1" />, url)
    await shows(page, 'Once ')
    fireEvent.click(page.getByText('Stop'))
    page.getByText('idle, stopped')
    await answer.append('upon')
    fireEvent.click(page.getByText('Go on'))
    await shows(page, 'Once upon')
    page.getByText('live')
  })

  it('sends what its provider sends to its server, and to no other', async () => {
    const [{ url }, { url: foreign }] = [await startServer(), await startServer()]
    const seen: [string, string | null][] = []
    const realFetch = globalThis.fetch
    const fetch: typeof globalThis.fetch = (input, init) => {
      const { origin } = new URL(String(input))
      seen.push([origin, new Headers(init?.headers).get('authorization')])
      return realFetch(input, init)
    }
    vi.stubGlobal('fetch', fetch)
    onTestFinished(() => void vi.unstubAllGlobals())
    const answers = [await createAnswer(url, 'a'), await createAnswer(url, 'b')]
    const abroad = await createAnswer(foreign, 'c')
    for (const [n, answer] of [...answers, abroad].entries()) await answer.close(`Text ${n}`)
    seen.length = 0

    const froms = ['a', `${url}/b`, `${foreign}/c`]
    const page = render(
      <PartyProvider serverUrl={url} headers={{ authorization: 'secret' }}>
        {froms.map((from) => (
          <Answer key={from} from={from} />
        ))}
      </PartyProvider>,
    )
    for (const n of [0, 1, 2]) await eventually(() => page.getByText(`Text ${n}`))
    const told = (base: string) =>
      new Set(seen.flatMap(([origin, token]) => (origin === new URL(base).origin ? [token] : [])))
    expect(told(url)).toEqual(new Set(['secret']))
    expect(told(foreign)).toEqual(new Set([null]))
  })

  it('keeps its text for the next load of the page', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once ')
    const before = openPage(<Answer from="answers/1" />, url)
    await shows(before, 'Once ')
    dispatchEvent(new Event('pagehide'))
    before.unmount()
    await answer.append('upon')
    // Another fetch is another page: nothing is shared but the session storage.
    const after = openPage(<Answer from="answers/1" />, url)
    expect(after.getByRole('status').textContent).toBe('Once ')
    await shows(after, 'Once upon')
  })

  it('is empty in the markup of a server, which the page takes over as it is', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.close('All of it')
    const { fetch } = countingFetch()
    const before = openPage(<Answer from="answers/1" />, url)
    await shows(before, 'All of it')
    before.unmount()

    const page = (
      <PartyProvider serverUrl={url} fetch={fetch}>
        <Answer from="answers/1" />
      </PartyProvider>
    )
    const container = document.body.appendChild(document.createElement('div'))
    container.innerHTML = renderToString(page)
    expect(container.querySelector('output')!.textContent).toBe('')
    const onRecoverableError = vi.fn<(error: unknown) => void>()
    const root = await act(() => hydrateRoot(container, page, { onRecoverableError }))
    onTestFinished(() => act(() => root.unmount()))
    expect(container.querySelector('output')!.textContent).toBe('All of it')
    expect(onRecoverableError).not.toHaveBeenCalled()
  })

  it('says what is missing when a key has no server', () => {
    const { location } = globalThis
    vi.spyOn(console, 'error').mockReturnValue()
    vi.stubGlobal('location', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    expect(() => renderToString(<Answer from="answers/1" />)).toThrow(
      /useStreamText\("answers\/1"\) has no server: give the URL of the stream/,
    )
    expect(renderToString(<Answer from="/v1/stream/answers/1" />)).toContain('idle')
    expect(location).toBeDefined()
  })
})
