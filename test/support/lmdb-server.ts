import { createDurableStreamServer } from '../../dev-server/index.ts'

/** A program: a server over the LMDB store in the folder that it is given. Tells its URL. */
const [path] = process.argv.slice(2)
const server = createDurableStreamServer({ port: 0, storage: { lmdb: { path: path! } } })
server.start().then(
  (url) => console.log(url),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  },
)
