import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { createDurableStreamServer } from '../../dev-server/index.ts'

vi.mock('lmdb', () => {
  throw new Error('Cannot find package')
})

it('whoever has not installed lmdb is told what to do', async () => {
  const storage = { lmdb: { path: join(tmpdir(), 'streamwell-never-made') } }
  const server = createDurableStreamServer({ port: 0, storage })
  await expect(server.start()).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining('npm install lmdb'),
  })
  await server.stop()
})
