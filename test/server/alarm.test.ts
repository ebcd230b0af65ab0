import { expect, it } from 'vitest'
import { Alarm } from '../../dev-server/http/alarm.ts'

it('wakes who waits', async () => {
  const alarm = new Alarm()
  const waiting = alarm.wait()
  alarm.ring()
  await waiting
})

it('does not lose a ring that came while nobody waited', async () => {
  const alarm = new Alarm()
  alarm.ring()
  alarm.ring()
  await alarm.wait()
  const silence = new Promise((resolve) => setImmediate(resolve, 'silent'))
  expect(await Promise.race([alarm.wait().then(() => 'rang again'), silence])).toBe('silent')
})
