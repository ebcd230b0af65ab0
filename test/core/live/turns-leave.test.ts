import { expect, it } from 'vitest'
import { openWorld, pathsOf } from './turns-page.ts'

it('streams that take turns go on when one of those who share an answer leaves before it comes', async () => {
  const { server, readAll, read, pass } = await openWorld()
  server.wayMs = () => 50
  const seen = readAll(9)
  await pass(3000)
  const twins = pathsOf(9).map((path) => read(path))
  await pass(3000)
  for (const path of pathsOf(9)) server.append(path, '1')
  for (const twin of twins) {
    await pass(20)
    twin.leave()
  }
  await pass(3000)
  for (const path of pathsOf(9)) server.append(path, '2')
  await pass(3000)
  expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [1, 2]))
})
