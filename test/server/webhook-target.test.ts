import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import {
  isLoopbackAddress,
  isPublicAddress,
} from '../../dev-server/subscriptions/node/public-address.ts'
import { nodeWebhooks, type Resolve } from '../../dev-server/subscriptions/node/webhooks.ts'
import type { Delivery } from '../../dev-server/subscriptions/index.ts'

const PUBLIC_IP = '93.184.216.34'

it.each([
  PUBLIC_IP,
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '192.167.255.255',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450::1',
])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))

it.each([
  ['this network', '0.0.0.0'],
  ['this network', '0.255.255.255'],
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '172.31.255.255'],
  ['private', '192.168.1.1'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['carrier-grade NAT', '100.127.255.255'],
  ['metadata', '100.100.100.200'],
  ['loopback', '127.0.0.1'],
  ['loopback', '127.255.255.254'],
  ['link-local', '169.254.1.1'],
  ['metadata', '169.254.169.254'],
  ['metadata', '192.0.0.192'],
  ['the host of a virtual machine', '168.63.129.16'],
  ['documentation', '192.0.2.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['benchmark', '198.18.0.1'],
  ['6to4 relay', '192.88.99.1'],
  ['multicast', '224.0.0.1'],
  ['multicast', '239.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['unspecified', '::'],
  ['loopback', '::1'],
  ['mapped loopback', '::ffff:127.0.0.1'],
  ['mapped loopback', '::ffff:7f00:1'],
  ['mapped metadata', '::ffff:169.254.169.254'],
  ['mapped public', '::ffff:1.1.1.1'],
  ['compatible', '::127.0.0.1'],
  ['translated', '::ffff:0:127.0.0.1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['NAT64', '64:ff9b:1::1'],
  ['discard', '100::1'],
  ['Teredo', '2001:0:53aa:64c::1'],
  ['documentation', '2001:db8::1'],
  ['documentation', '3fff::1'],
  ['6to4 of loopback', '2002:7f00:1::'],
  ['unique local', 'fc00::1'],
  ['unique local', 'fd12:3456::1'],
  ['metadata', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['link-local with a zone', 'fe80::1%eth0'],
  ['public with a zone', '2606:4700::1%eth0'],
  ['site-local', 'fec0::1'],
  ['multicast', 'ff02::1'],
  ['no address', 'localhost'],
  ['no address', ''],
])('%s is not public: %s', (_kind, address) => expect(isPublicAddress(address)).toBe(false))

it.each(['127.0.0.1', '127.1.2.3', '::1'])('%s is this machine', (address) => {
  expect(isLoopbackAddress(address)).toBe(true)
})

it.each(['128.0.0.1', '::2', '0.0.0.0', 'localhost'])('%s is not this machine', (address) => {
  expect(isLoopbackAddress(address)).toBe(false)
})

const LOCAL_URLS = [
  'http://localhost/',
  'https://localhost/',
  'http://LOCALHOST:8080/x',
  'http://localhost./',
  'http://worker.localhost/',
  'http://127.0.0.1:3000/',
  'https://127.0.0.1/',
  'http://127.0.0.1./',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://①②⑦.0.0.1/',
  'http://[::1]/',
  'http://[0:0:0:0:0:0:0:1]/',
]

const UNSAFE_URLS = [
  'http://worker.example/',
  `http://${PUBLIC_IP}/`,
  'ftp://worker.example/',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:alert(1)',
  'ws://worker.example/',
  'https://user@worker.example/',
  'https://user:password@worker.example/',
  'https://:password@worker.example/',
  'https://user@localhost/',
  'https://0/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://10.1/',
  'https://167772161/',
  'https://0xa.0.0.1/',
  'https://012.0.0.1/',
  'https://192.168.1.1:8443/',
  'https://169.254.169.254/latest/meta-data',
  'https://[::]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://[ff02::1]/',
  'https://printer.local/',
  'https://metadata.google.internal/',
  'https://metadata.google.internal./',
  'https://router.home.arpa/',
]

const PUBLIC: Resolve = async () => [PUBLIC_IP]

it.each([...UNSAFE_URLS, ...LOCAL_URLS])('refuses %s in production', async (url) => {
  const webhooks = nodeWebhooks({ resolve: PUBLIC })
  await expect(webhooks.check(url)).rejects.toMatchObject({ code: 'bad-request' })
  await expect(webhooks.deliver(url, delivery())).rejects.toMatchObject({ code: 'bad-request' })
})

it.each(UNSAFE_URLS)('refuses %s in development too', async (url) => {
  const webhooks = nodeWebhooks({ resolve: PUBLIC, allowLocal: true })
  await expect(webhooks.check(url)).rejects.toMatchObject({ code: 'bad-request' })
})

it.each(LOCAL_URLS)('allows %s in development', async (url) => {
  const webhooks = nodeWebhooks({ resolve: async () => ['::1', '127.0.0.1'], allowLocal: true })
  await expect(webhooks.check(url)).resolves.toBeUndefined()
})

it.each([
  'https://worker.example/hook?x=1',
  'https://worker.example:8443/',
  `https://${PUBLIC_IP}/`,
  'https://[2606:4700:4700::1111]/',
  'https://localhost.worker.example/',
])('allows %s', async (url) => {
  await expect(nodeWebhooks({ resolve: PUBLIC }).check(url)).resolves.toBeUndefined()
})

it.each([
  [['10.0.0.1']],
  [[PUBLIC_IP, '10.0.0.1']],
  [['::ffff:127.0.0.1']],
  [[PUBLIC_IP, 'fe80::1%eth0']],
  [['169.254.169.254']],
])('refuses a public name that stands for %j', async (addresses) => {
  for (const allowLocal of [false, true]) {
    const webhooks = nodeWebhooks({ resolve: async () => addresses, allowLocal })
    const url = 'https://worker.example/'
    await expect(webhooks.check(url)).rejects.toMatchObject({ code: 'bad-request' })
    await expect(webhooks.deliver(url, delivery())).rejects.toMatchObject({ code: 'bad-request' })
  }
})

it('refuses localhost that stands for another machine', async () => {
  const webhooks = nodeWebhooks({ resolve: async () => ['10.0.0.1'], allowLocal: true })
  await expect(webhooks.check('http://localhost/')).rejects.toMatchObject({ code: 'bad-request' })
})

it('takes a name that nobody knows yet, and says so when it is to be called', async () => {
  for (const resolve of [async () => [], () => Promise.reject(new Error('ENOTFOUND'))]) {
    const webhooks = nodeWebhooks({ resolve })
    await expect(webhooks.check('https://new.example/')).resolves.toBeUndefined()
    await expect(webhooks.deliver('https://new.example/', delivery())).rejects.toThrow(
      /address|NOTF/,
    )
  }
})

function delivery(init: Partial<Delivery> = {}): Delivery {
  return { headers: {}, body: '{}', signal: new AbortController().signal, ...init }
}

/** A worker on this machine; gives its port. */
async function startWorker(
  handle: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<number> {
  const server: Server = createServer(handle)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' ? address!.port : 0
}

it('connects to the address that it checked, whatever the name stands for a moment later', async () => {
  const seen: string[] = []
  const port = await startWorker((req, res) => {
    seen.push(`${req.method} ${req.headers.host} ${req.url} ${req.headers['x-test']}`)
    req.pipe(res)
  })
  const answers = [['127.0.0.1'], ['192.0.2.1']]
  const resolve: Resolve = async () => answers.shift() ?? []
  const webhooks = nodeWebhooks({ resolve, allowLocal: true })
  const url = `http://worker.localhost:${port}/hook?x=1`
  const init = { headers: { 'x-test': 'yes' }, body: '{"ü":1}' }
  expect(await webhooks.deliver(url, delivery(init))).toEqual({ status: 200, body: '{"ü":1}' })
  expect(seen).toEqual([`POST worker.localhost:${port} /hook?x=1 yes`])
  expect(answers).toHaveLength(1)
})

it('does not follow a redirect', async () => {
  const seen: string[] = []
  const port = await startWorker((req, res) => {
    seen.push(req.url!)
    res.writeHead(307, { location: '/secret' }).end()
  })
  const webhooks = nodeWebhooks({ allowLocal: true })
  const answer = await webhooks.deliver(`http://127.0.0.1:${port}/a`, delivery())
  expect(answer.status).toBe(307)
  expect(seen).toEqual(['/a'])
})

it('reads no answer without an end', async () => {
  const port = await startWorker((_req, res) => {
    const more = (): void => void (res.destroyed || res.write('x'.repeat(16_384), more))
    more()
  })
  const webhooks = nodeWebhooks({ allowLocal: true })
  await expect(webhooks.deliver(`http://127.0.0.1:${port}/`, delivery())).rejects.toThrow(
    'answered more than 65536 bytes',
  )
})

it.each(['before the answer', 'within the answer'])('gives up when told to, %s', async (when) => {
  const controller = new AbortController()
  const port = await startWorker((_req, res) => {
    if (when === 'within the answer') res.write('x')
    setImmediate(() => controller.abort())
  })
  const webhooks = nodeWebhooks({ allowLocal: true })
  const { signal } = controller
  await expect(
    webhooks.deliver(`http://127.0.0.1:${port}/`, delivery({ signal })),
  ).rejects.toThrow()
})

it('gives up on a name that nobody resolves', async () => {
  const controller = new AbortController()
  const resolve: Resolve = () => new Promise(() => controller.abort())
  const webhooks = nodeWebhooks({ resolve })
  const { signal } = controller
  await expect(webhooks.deliver('https://slow.example/', delivery({ signal }))).rejects.toThrow(
    'given up',
  )
})

it('says why there was no answer', async () => {
  const port = await startWorker((req) => req.socket.destroy())
  const webhooks = nodeWebhooks({ allowLocal: true })
  await expect(webhooks.deliver(`http://127.0.0.1:${port}/`, delivery())).rejects.toThrow(
    'could not be reached: ECONNRESET',
  )
  // This worker speaks no TLS.
  await expect(webhooks.deliver(`https://127.0.0.1:${port}/`, delivery())).rejects.toThrow(
    'could not be reached: ',
  )
})
