import { expect, it, vi } from 'vitest'
import { createDurableStreamServer } from '../../dev-server/index.ts'
import { newFolder } from '../support/lmdb-folder.ts'

vi.mock('lmdb', () => {
  throw new Error('Cannot find package')
})

it('whoever has not installed lmdb is told what to do', async () => {
  const storage = { lmdb: { path: newFolder() } }
  const server = createDurableStreamServer({ port: 0, storage })
  await expect(server.start()).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('npm install lmdb'),
  })
  await server.stop()
})
