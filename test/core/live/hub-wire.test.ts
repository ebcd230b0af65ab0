import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { joinBytes } from '../../../src/core/decode.ts'
import { hubAddress } from '../../../src/core/live/hub-address.ts'
import {
  createEventCutter,
  dataOf,
  type MultiplexedEvent,
} from '../../../src/core/live/multiplexed-events.ts'
import { parseTarget } from '../../../dev-server/http/parse-target.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

function cutAt(text: string, pieces: readonly number[]): (string[] | undefined)[] {
  const events: (string[] | undefined)[] = []
  const cut = createEventCutter((event?: MultiplexedEvent) =>
    events.push(
      event && [event.path, event.event, dataOf(event), decoder.decode(joinBytes(event.parts))],
    ),
  )
  const bytes = encoder.encode(text)
  let at = 0
  for (const piece of pieces) cut(bytes.subarray(at, (at += piece)))
  cut(bytes.subarray(at))
  return events
}

describe('an answer that carries many streams', () => {
  const wire =
    ':\n\nevent: data\nid: rooms/1\ndata:[1,\ndata:"é\u2028"]\n\n\nevent:control\nid:a%20b\ndata: {"x":1}\n\n' +
    'event: end\nid: rooms/1\ndata:\n\n'
  const events = [
    undefined,
    ['rooms/1', 'data', '[1,\n"é\u2028"]\n\n', 'event: data\ndata:[1,\ndata:"é\u2028"]\n\n'],
    undefined,
    ['a%20b', 'control', '{"x":1}\n\n', 'event:control\ndata: {"x":1}\n\n'],
    ['rooms/1', 'end', '\n\n', 'event: end\ndata:\n\n'],
  ]

  it('is read the same wherever it is cut', () => {
    const named = events.filter(Boolean)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 })), (pieces) => {
        expect(cutAt(wire, pieces).filter(Boolean)).toEqual(named)
      }),
    )
    expect(
      cutAt(
        wire,
        Array.from(wire, () => 1),
      ).filter(Boolean),
    ).toEqual(named)
  })

  it('gives a sign of life for what is no event', () => {
    expect(cutAt(':\n\n:\n\n', [2])).toEqual([undefined, undefined])
  })
})

describe('the address of a stream among others', () => {
  const at = (url: string, multiplex: string): string | undefined => {
    const address = hubAddress(new URL(url), multiplex)
    return address && `${address.url.href} ${address.path}`
  }

  it.each([
    ['http://h/v1/counter?live=sse&offset=3', '__ds/live', 'http://h/v1/__ds/live counter'],
    ['http://h/v1/rooms/1?cursor=5', '../__ds/live', 'http://h/v1/__ds/live rooms/1'],
    ['http://h/a', '__ds/live', 'http://h/__ds/live a'],
    ['http://h/p/rooms/1?b=2&a=1', '../__ds/live', 'http://h/p/__ds/live?b=2&a=1 rooms/1'],
    ['https://h:8/a%2fb/%E2%82%AC!', '../__ds/live', 'https://h:8/__ds/live a%2Fb/%E2%82%AC!'],
  ])('of %s by %s is %s', (url, multiplex, address) => {
    expect(at(url, multiplex)).toBe(address)
  })

  it.each([
    ['https://h/v1/a', 'https://elsewhere/v1/__ds/live'],
    ['https://h/v1/a', 'http://h/v1/__ds/live'],
    ['https://h/v1/a', '//elsewhere/__ds/live'],
    ['https://h/v1/a', '/v2/__ds/live'],
    ['https://h/v1/a', 'live'],
    ['https://h/v1/a', 'my__ds/live'],
    ['https://h/v1/a', 'http://['],
    ['https://h/v1/%FF', '__ds/live'],
  ])('of %s cannot be %s', (url, multiplex) => {
    expect(at(url, multiplex)).toBeUndefined()
  })

  it('has the name by which the server knows the stream', () => {
    const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 5 }).map((text) => {
      try {
        return encodeURIComponent(text)
      } catch {
        return 'x'
      }
    })
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => {
        const url = new URL(`http://h/v1/${segments.join('/')}`)
        const path = namedByServer(url.pathname)
        if (path === undefined) return
        const multiplex = `${'../'.repeat(path.split('/').length - 1)}__ds/live`
        expect(hubAddress(url, multiplex)?.path).toBe(path)
      }),
    )
  })
})

function namedByServer(pathname: string): string | undefined {
  try {
    return parseTarget(pathname, '/v1')?.path
  } catch {
    return undefined
  }
}
