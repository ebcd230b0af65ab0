import { expect, it } from 'vitest'
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
