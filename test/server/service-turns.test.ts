import { describe, expect, it } from 'vitest'
import { ServiceTurns } from '../../dev-server/http/service-turns.ts'

describe('turns among those who share a response', () => {
  /** Takes turns until nobody is left; `a` always has more. */
  function order(turns: ServiceTurns<string>, times: number): string {
    let text = ''
    for (let i = 0; i < times; i++) {
      const next = turns.next() ?? '-'
      text += next
      if (next === 'A' || next === 'B') turns.addBacklog(next)
    }
    return text
  }

  it('go by the order of news, once however often there is some', () => {
    const turns = new ServiceTurns<string>()
    for (const one of ['c', 'a', 'c', 'b', 'a']) turns.addNews(one)
    expect(order(turns, 4)).toBe('cab-')
    expect(turns.isEmpty).toBe(true)
  })

  it('let one of those with a backlog in between two rounds of the others', () => {
    const turns = new ServiceTurns<string>()
    turns.addBacklog('A')
    turns.addBacklog('B')
    for (const one of ['c', 'd', 'e']) turns.addNews(one)
    expect(order(turns, 9)).toBe('AcdeBABAB')
  })

  it('give one with a backlog its turn, however much news there is', () => {
    const turns = new ServiceTurns<string>()
    turns.addBacklog('A')
    let text = ''
    for (let i = 0; i < 12; i++) {
      turns.addNews('c')
      turns.addNews('d')
      text += order(turns, 1)
    }
    expect(text).toBe('AcdAcdAcdAcd')
  })

  it('count news of one with a backlog as part of it', () => {
    const turns = new ServiceTurns<string>()
    turns.addNews('A')
    turns.addBacklog('A')
    turns.addNews('A')
    expect(turns.next()).toBe('A')
    expect(turns.isEmpty).toBe(true)
  })
})
