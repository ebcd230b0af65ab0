import { describe, expect, it } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { openDesk, type Reading } from './hub-reading.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `rooms/${i}`)
const nextTick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('streams that are read live', () => {
  it('share one request when they are opened together', async () => {
    const { server, ask } = openDesk()
    const paths = names(60)
    for (const path of paths) server.append(path, 'old')
    const readings = await Promise.all(paths.map((path) => ask(path, server.tail(path))))
    for (const path of paths) server.append(path, `new of ${path}`)

    await eventually(() =>
      expect(readings.map(({ items }) => items)).toEqual(paths.map((path) => [`new of ${path}`])),
    )
    expect(server.posts).toHaveLength(1)
    expect(server.open()).toBe(1)
    expect(server.alone).toEqual([])
  })

  it('are answered though more of them are opened before the server can answer', async () => {
    const { server, ask } = openDesk()
    const gates: (() => void)[] = []
    server.answer = () => new Promise((resolve) => gates.push(() => resolve(undefined)))
    const open = (path: string): Promise<Reading> => {
      server.append(path, 'old')
      return ask(path, server.tail(path))
    }
    const first = open('first')
    await eventually(() => expect(gates).toHaveLength(1))
    const others = []
    for (const path of names(30)) {
      others.push(open(path))
      await nextTick()
    }
    gates[0]!()

    expect((await first).status).toBe(200)
    await eventually(() => expect(gates).toHaveLength(2))
    gates[1]!()
    await Promise.all(others)
    expect(server.posts.map(({ streams }) => streams.length)).toEqual([1, 31])
    expect(server.open()).toBe(1)
  })

  it('notice nothing of each other: neither of new ones nor of those that leave', async () => {
    const { server, ask } = openDesk()
    server.append('a', 0)
    const a = await ask('a', server.tail('a'))
    for (let i = 1; i <= 5; i++) {
      const path = `b${i}`
      server.append(path, 'x')
      const b = await ask(path, server.tail(path))
      server.append('a', i)
      b.leave()
    }
    await eventually(() => expect(server.posts.at(-1)!.streams).toHaveLength(1))
    server.append('a', 6)

    await eventually(() => expect(a.items).toEqual([1, 2, 3, 4, 5, 6]))
    expect(a.ended).toBeUndefined()
    expect(server.open()).toBe(1)
  })

  it('bring once what had come in part when others are added', async () => {
    const { server, ask } = openDesk()
    for (const path of ['a', 'b']) server.append(path, 'old')
    const at = server.tail('a')
    server.answer = () => {
      const body = new ReadableStream<string>({
        start(controller) {
          const answer = '{"status":200,"headers":{"content-type":"text/event-stream"}}'
          controller.enqueue(`event: response\nid: a\ndata:${answer}\n\n`)
          controller.enqueue('event: data\nid: a\ndata:["new"]\n\n')
        },
      })
      const headers = { 'content-type': 'text/event-stream' }
      return new Response(body.pipeThrough(new TextEncoderStream()), { headers })
    }
    const a = await ask('a', at)
    server.answer = undefined
    server.append('a', 'new')
    await ask('b', server.tail('b'))

    await eventually(() => expect(a.offset).toBe(server.tail('a')))
    expect(a.items).toEqual(['new'])
  })

  it('need no request for a reader of a stream that is read already', async () => {
    const { server, ask } = openDesk()
    server.append('a', 0)
    const first = await ask('a', server.tail('a'))
    server.append('a', 1)
    await eventually(() => expect(first.items).toEqual([1]))
    const second = await ask('a', server.tail('a'))
    server.append('a', 2)

    await eventually(() => expect(second.items).toEqual([2]))
    expect(second.upToDate).toBe(true)
    expect(first.items).toEqual([1, 2])
    expect(server.posts).toHaveLength(1)
  })

  it('need no request either for one that is a little behind', async () => {
    const { server, ask } = openDesk()
    server.append('a', 0)
    const first = await ask('a', server.tail('a'))
    for (let i = 1; i <= 5; i++) server.append('a', i)
    await eventually(() => expect(first.items).toHaveLength(5))
    const second = await ask('a', server.tail('a', 3))

    await eventually(() => expect(second.items).toEqual([3, 4, 5]))
    expect(server.posts).toHaveLength(1)
  })

  it('are asked for once more for a reader that is far behind, until it has caught up', async () => {
    const { server, ask } = openDesk()
    server.append('a', 0)
    const first = await ask('a', server.tail('a'))
    for (let i = 1; i <= 300; i++) server.append('a', `${i}`.repeat(100))
    await eventually(() => expect(first.items).toHaveLength(300))
    const second = await ask('a', server.tail('a', 1))

    await eventually(() => expect(second.items).toEqual(first.items))
    expect(server.posts.map(({ streams }) => streams[0]!.offset)).toEqual([
      server.tail('a', 1),
      server.tail('a', 1),
    ])
    await eventually(() => expect(server.open()).toBe(1))
    server.append('a', 'new')
    await eventually(() =>
      expect([first, second].map(({ items }) => items.at(-1))).toEqual(['new', 'new']),
    )
    expect([first.ended, second.ended]).toEqual([undefined, undefined])
    expect(second.items).toEqual(first.items)
  })

  it('come from where each reader stands that is ahead of the connection', async () => {
    const { server, ask } = openDesk()
    server.append('a', 0)
    const first = await ask('a', server.tail('a'))
    server.hold()
    for (let i = 1; i <= 3; i++) server.append('a', i)
    // What a plain read told came before what was told here.
    const between = ask('a', server.tail('a', 3))
    const astride = ask('a', server.tail('a', 2))
    await nextTick()
    server.perEvent = 2
    server.release()

    await eventually(() => expect(first.items).toEqual([1, 2, 3]))
    server.append('a', 4)
    const offsets = await Promise.all([between, astride])
    await eventually(() =>
      expect(offsets.map(({ items }) => items)).toEqual([
        [3, 4],
        [2, 3, 4],
      ]),
    )
  })

  it('give the connection back when nobody reads any more', async () => {
    const { server, ask } = openDesk()
    server.append('a', 0)
    server.append('b', 0)
    const readings = await Promise.all(['a', 'b'].map((path) => ask(path, server.tail(path))))
    for (const { leave } of readings) leave()

    expect(server.open()).toBe(0)
  })
})
