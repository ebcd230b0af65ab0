import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { ROOT } from '../support/imports.ts'
import { test } from './visit.ts'

const run = promisify(execFile)

interface LockFile {
  packages: Record<string, { version: string; license?: string }>
}

/** A project with the packages of this one, and a history of its own. */
let project: string

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'streamwell-board-'))
  await cp(join(ROOT, 'package-lock.json'), join(project, 'package-lock.json'))
  await symlink(join(ROOT, 'node_modules'), join(project, 'node_modules'))
  await git('init', '--quiet')
  await commit('Lay the first stone')
})

afterAll(() => rm(project, { recursive: true }))

function git(...args: string[]): Promise<unknown> {
  const identity = ['-c', 'user.name=Mira Stone', '-c', 'user.email=mira@example.test']
  return run('git', [...identity, ...args], { cwd: project })
}

async function commit(subject: string): Promise<void> {
  await git('add', 'package-lock.json')
  await git('commit', '--quiet', '--message', subject)
}

async function changeLock(change: (lock: LockFile) => void): Promise<void> {
  const file = join(project, 'package-lock.json')
  const lock = JSON.parse(await readFile(file, 'utf8')) as LockFile
  change(lock)
  await writeFile(file, JSON.stringify(lock, null, 2))
}

interface Feeder {
  feed: (options: { serverUrl: string; directory: string }) => Promise<{ appended: number }>
}

/** @returns how many events were appended. */
async function feedBoard(serverUrl: string): Promise<number> {
  const feeder = join(ROOT, 'examples', 'rooms', 'feed.ts')
  const { feed } = (await import(/* @vite-ignore */ feeder)) as Feeder
  return (await feed({ serverUrl, directory: project })).appended
}

const search = (page: Page, text: string): Promise<void> =>
  page.getByLabel('Search packages').fill(text)

const names = (page: Page): Promise<string[]> =>
  page.getByRole('table').getByRole('rowheader').allTextContents()

const row = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })

test('an open board fills with the packages, edges and commits of a project, and follows it', async ({
  visit,
  example,
}) => {
  const anna = await visit('board')
  await anna.getByLabel('Board status').getByText('Nothing here yet').waitFor()
  const { packages } = JSON.parse(
    await readFile(join(ROOT, 'package-lock.json'), 'utf8'),
  ) as LockFile
  const count = Object.keys(packages).length

  expect(await feedBoard(example.streamsUrl)).toBeGreaterThan(count)
  const found = anna.getByLabel('Packages found')
  await found.getByText(`${count.toLocaleString('en')} found`).waitFor()
  await anna.getByText('Lay the first stone').waitFor()
  expect(await feedBoard(example.streamsUrl)).toBe(0)

  await search(anna, 'zod')
  const { version } = packages['node_modules/zod']!
  await row(anna, 'zod').getByText(version).waitFor()

  await changeLock((lock) => {
    lock.packages['node_modules/zod']!.version = '99.0.0'
    lock.packages['node_modules/zodiac'] = { version: '1.2.3', license: 'WTFPL' }
  })
  await commit('Look at the stars')
  expect(await feedBoard(example.streamsUrl)).toBeLessThan(10)
  await row(anna, 'zod').getByText('99.0.0').waitFor()
  await row(anna, 'zodiac').getByText('WTFPL').waitFor()
  await anna.getByText('Look at the stars').waitFor()

  await changeLock((lock) => void delete lock.packages['node_modules/zodiac'])
  await feedBoard(example.streamsUrl)
  await expect.poll(() => row(anna, 'zodiac').count()).toBe(0)
})

test('search, sorting and the way from a package to its edges work on the live rows', async ({
  visit,
  example,
}) => {
  await feedBoard(example.streamsUrl)
  const ben = await visit('board')
  await row(ben, 'react').waitFor()

  await search(ben, 'react')
  const isFound = (shown: string[]): boolean =>
    shown.includes('react-dom') && shown.every((name) => name.includes('react'))
  await expect.poll(() => names(ben)).toSatisfy(isFound)

  await ben.getByRole('button', { name: 'Package', exact: false }).first().click()
  await expect.poll(() => names(ben)).toEqual((await names(ben)).toSorted())

  // There are two versions of it.
  await row(ben, 'react-dom').first().getByRole('link').click()
  await ben.getByRole('heading', { name: /^react-dom / }).waitFor()
  await ben
    .getByRole('link', { name: /scheduler/ })
    .first()
    .click()
  await ben.getByRole('heading', { name: /^scheduler / }).waitFor()

  await search(ben, 'nothing is called so')
  await ben.getByLabel('Packages found').getByText('0 found', { exact: true }).waitFor()
})
