import { describe, expect, it } from 'vitest'
import { StreamError } from 'streamwell'
import { createTxIds } from '../../src/state/db/txids.ts'

const open = () => createTxIds(() => 'live')

it('tells nobody of a txid before its rows show', async () => {
  const txids = open()
  let isTold = false
  const waiting = txids.wait('t').then(() => (isTold = true))
  txids.stage('t')
  await Promise.resolve()
  expect(isTold).toBe(false)
  txids.commit()
  await waiting
})

it('tells of a skipped event although the rest of its transaction was fine', async () => {
  const txids = open()
  txids.stage('t', new StreamError('invalid', 'skipped'))
  txids.stage('t')
  txids.commit()
  await expect(txids.wait('t')).rejects.toThrow('skipped')
})

it('remembers ten thousand txids, and no more', async () => {
  const txids = open()
  for (let i = 0; i <= 10_000; i++) txids.stage(`t${i}`)
  txids.commit()
  await txids.wait('t1', 0)
  await txids.wait('t10000', 0)
  await expect(txids.wait('t0', 0)).rejects.toMatchObject({ code: 'timeout' })
})

it('tells writers when the server lost the stream with their write in it', async () => {
  const txids = open()
  const [lost, kept] = [txids.wait('lost'), txids.wait('kept')]
  txids.restarted()
  const toTheNewOne = txids.wait('new')
  txids.stage('kept')
  txids.commit()
  txids.caughtUp()
  await kept
  await expect(lost).rejects.toMatchObject({ code: 'gone' })
  txids.stage('new')
  txids.commit()
  await toTheNewOne
})

describe('who gives no time', () => {
  /** Txids on a clock that ticks when told to, in a page and with a status that can change. */
  function openOnClock() {
    const page = { isVisible: true, status: 'live', elapse: (_ms: number): void => {}, clocks: 0 }
    const txids = createTxIds(() => page.status, {
      isVisible: () => page.isVisible,
      every(ms, tick) {
        page.clocks++
        page.elapse = (elapsed) => {
          for (let at = 0; at < elapsed; at += ms) tick()
        }
        return () => {
          page.clocks--
          page.elapse = () => {}
        }
      },
    })
    return { page, txids }
  }

  const outcomeOf = (waiting: Promise<void>) =>
    Promise.race([
      waiting.then(
        () => 'seen',
        (error: StreamError) => error.code,
      ),
      new Promise((resolve) => setImmediate(resolve, 'waiting')),
    ])

  it('waits for five seconds of a page that is visible and connected', async () => {
    const { page, txids } = openOnClock()
    const waiting = txids.wait('t')
    page.elapse(4_900)
    page.isVisible = false
    page.elapse(3_600_000)
    page.isVisible = true
    for (page.status of ['offline', 'connecting']) page.elapse(3_600_000)
    page.status = 'live'
    expect(await outcomeOf(waiting)).toBe('waiting')
    page.elapse(400)
    expect(await outcomeOf(waiting)).toBe('timeout')
    expect(page.clocks).toBe(0)
  })

  it('is told as soon as it comes, and the clock stops with the last who waits', async () => {
    const { page, txids } = openOnClock()
    const waiting = [txids.wait('a'), txids.wait('b')]
    expect(page.clocks).toBe(1)
    txids.stage('a')
    txids.commit()
    expect(await outcomeOf(waiting[0]!)).toBe('seen')
    expect(page.clocks).toBe(1)
    txids.stage('b')
    txids.commit()
    expect(await outcomeOf(waiting[1]!)).toBe('seen')
    expect(page.clocks).toBe(0)
  })

  it('is no measure for who gives one, however long', async () => {
    const { page, txids } = openOnClock()
    page.isVisible = false
    await expect(txids.wait('t', 1)).rejects.toMatchObject({ code: 'timeout' })
    const patient = txids.wait('t', 1e12)
    expect(page.clocks).toBe(0)
    expect(await outcomeOf(patient)).toBe('waiting')
    txids.stage('t')
    txids.commit()
    await patient
  })
})
