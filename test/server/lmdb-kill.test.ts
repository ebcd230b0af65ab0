import { expect, it } from 'vitest'
import { killAgainAndAgain } from '../support/killed-server.ts'
import { newFolder } from '../support/lmdb-folder.ts'

it('a server killed while 16 writers write has all that it acknowledged, once and in order', async () => {
  const report = await killAgainAndAgain({ path: newFolder(), kills: 10 })
  expect(report).toMatchObject({ kills: 10, lost: 0, repeated: 0, misplaced: 0 })
  expect(report.acknowledged).toBeGreaterThan(10)
}, 180_000)
