/** Takes the pictures in docs/images: each room, light and dark, with people in it. */
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { startExample } from '../test/browser/example-server.ts'
import { launchBrowser } from '../test/support/chromium.ts'
import { ROOT } from '../test/support/imports.ts'

const IMAGES = join(ROOT, 'docs', 'images')
const ROOMS = ['counter', 'todos', 'chat', 'board']
const VIEW = { viewport: { width: 1200, height: 800 }, deviceScaleFactor: 2 }

const example = await startExample()
const browser = await launchBrowser()
try {
  await feedBoard(example.streamsUrl)
  const anna = await somebody(browser)
  const ben = await somebody(browser)
  await count(anna)
  await listTodos(anna)
  await talk(anna, ben)
  await mkdir(IMAGES, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await anna.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const room of ROOMS) await takePicture(anna, room, `${room}-${colorScheme}.png`)
  }
} finally {
  await browser.close()
  await example.close()
}
// Node 20 at times spins in its own clean-up, on a socket that was reset.
process.exit()

async function feedBoard(streamsUrl: string): Promise<void> {
  const feed = join(ROOT, 'examples', 'rooms', 'feed.ts')
  await promisify(execFile)(process.execPath, ['--import', 'tsx', feed, streamsUrl], { cwd: ROOT })
}

async function somebody(from: Browser): Promise<Page> {
  const context = await from.newContext(VIEW)
  return context.newPage()
}

async function enter(page: Page, room: string): Promise<void> {
  await page.goto(`${example.url}#/${room === 'counter' ? '' : room}`)
  await page.getByLabel('Connection').getByText('Live').waitFor()
}

async function count(page: Page): Promise<void> {
  await enter(page, 'counter')
  for (let i = 0; i < 42; i++) await page.getByRole('button', { name: 'Add one' }).click()
}

async function listTodos(page: Page): Promise<void> {
  await enter(page, 'todos')
  for (const text of ['Open this page twice', 'Click in both', 'Pull the network plug']) {
    await page.getByLabel('New todo').fill(text)
    await page.getByLabel('New todo').press('Enter')
  }
  for (const name of ['Open this page twice', 'Click in both']) {
    await page.getByRole('checkbox', { name }).check()
  }
}

async function talk(anna: Page, ben: Page): Promise<void> {
  for (const [page, name] of [[anna, 'Anna'] as const, [ben, 'Ben'] as const]) {
    await enter(page, 'chat')
    await page.getByLabel('Your name').fill(name)
    await page.getByLabel('Your name').press('Enter')
  }
  const lines = [
    [anna, ben, 'I pulled the plug in the middle of a message.'],
    [ben, anna, 'It arrived here. Once.'],
    [anna, ben, 'And I saw it the moment I pressed Enter.'],
  ] as const
  for (const [speaker, listener, text] of lines) {
    await speaker.getByLabel('Message', { exact: true }).fill(text)
    await speaker.getByLabel('Message', { exact: true }).press('Enter')
    const message = listener.getByRole('listitem').filter({ hasText: text })
    await message.getByRole('button', { name: 'Love, 0' }).click()
    await speaker.getByRole('button', { name: 'Love, 1' }).last().waitFor()
  }
}

/** A picture that looks the same each time: nothing in focus, nothing on its way. */
async function takePicture(page: Page, room: string, file: string): Promise<void> {
  await enter(page, room)
  if (room === 'board') await page.getByRole('table').getByRole('link').first().waitFor()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(IMAGES, file), animations: 'disabled' })
}
