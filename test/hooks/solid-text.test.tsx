/** @jsxImportSource solid-js */
import { createSignal, For, type JSX, Show } from 'solid-js'
import { beforeEach, describe, expect, it } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { useStreamText } from '../../src/solid/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { countingFetch } from './counting-fetch.ts'
import { fireEvent, openPage, type SolidPage } from './solid-page.tsx'

beforeEach(() => sessionStorage.clear())

function Answer(props: { from: string | undefined }): JSX.Element {
  const answer = useStreamText(() => props.from)
  return (
    <section>
      <output>{answer.text}</output>
      <p>
        {answer.status.kind}
        <Show when={answer.isDone}>, done</Show>
        <Show when={answer.isStopped}>, stopped</Show>
      </p>
      <button onClick={answer.stop}>Stop</button>
      <button onClick={answer.resume}>Go on</button>
    </section>
  )
}

async function createAnswer(serverUrl: string, path = 'answers/1'): Promise<DurableStream<string>> {
  const url = `${serverUrl}/${path}`
  return DurableStream.create<string>({ url, contentType: 'text/plain' })
}

const shows = (page: SolidPage, text: string): Promise<void> =>
  eventually(() => expect(page.getByRole('status').textContent).toBe(text))

describe('useStreamText of Solid', () => {
  it('shows an answer as it grows', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once ')
    const page = openPage(() => <Answer from="answers/1" />, url)
    await shows(page, 'Once ')
    page.getByText('live')
    await answer.close('upon a time')
    await shows(page, 'Once upon a time')
    page.getByText('closed, done')
  })

  it('reads a text once for all who show it, and closes the connection', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once')
    const { fetch, open, opened } = countingFetch()
    const many = Array.from({ length: 50 }, () => 'answers/1')
    const page = openPage(
      () => <For each={many}>{(from) => <Answer from={from} />}</For>,
      url,
      fetch,
    )
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
    const [from, setFrom] = createSignal<string>()
    const page = openPage(() => <Answer from={from()} />, url)
    page.getByText('idle')
    setFrom('one')
    await shows(page, 'One')
    setFrom('other')
    expect(page.getByRole('status').textContent).toBe('')
    await shows(page, 'Other')
    setFrom('one')
    expect(page.getByRole('status').textContent).toBe('One')
    setFrom(undefined)
    expect(page.getByRole('status').textContent).toBe('')
  })

  it('can be stopped, and goes on', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once ')
    const page = openPage(() => <Answer from={`${url}/answers/1`} />, url)
    await shows(page, 'Once ')
    fireEvent.click(page.getByText('Stop'))
    page.getByText('idle, stopped')
    await answer.append('upon')
    fireEvent.click(page.getByText('Go on'))
    await shows(page, 'Once upon')
  })

  it('keeps its text for the next load of the page', async () => {
    const { url } = await startServer()
    const answer = await createAnswer(url)
    await answer.append('Once ')
    const before = openPage(() => <Answer from="answers/1" />, url)
    await shows(before, 'Once ')
    dispatchEvent(new Event('pagehide'))
    before.unmount()
    await answer.append('upon')
    // Another fetch is another page: nothing is shared but the session storage.
    const after = openPage(() => <Answer from="answers/1" />, url)
    expect(after.getByRole('status').textContent).toBe('Once ')
    await shows(after, 'Once upon')
  })
})
