import type { Locator, Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { test } from './visit.ts'

const live = (page: Page): Promise<void> =>
  page.getByLabel('Connection').getByText('Live').waitFor()

const message = (page: Page, text: string): Locator =>
  page.getByRole('log', { name: 'Messages' }).getByRole('listitem').filter({ hasText: text })

async function send(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

async function rename(page: Page, name: string): Promise<void> {
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Save name' }).click()
}

const authors = (page: Page, text: string): Promise<string[]> =>
  message(page, text).locator('strong').allTextContents()

describe('the chat', () => {
  test('a message carries the name of who wrote it, and follows when they rename themselves', async ({
    visit,
  }) => {
    const [anna, ben] = await Promise.all([visit('chat'), visit('chat')])
    await Promise.all([anna, ben].map(live))

    await rename(anna, 'Anna')
    await send(anna, 'Good morning')
    await expect.poll(() => authors(ben, 'Good morning')).toEqual(['Anna'])
    await rename(anna, 'Anna Maria')
    await expect.poll(() => authors(ben, 'Good morning')).toEqual(['Anna Maria'])
  })

  test('a message shows at once, and is marked when it is stored', async ({ visit, example }) => {
    const [anna, ben] = await Promise.all([visit('chat'), visit('chat')])
    await Promise.all([anna, ben].map(live))

    const release = example.holdWrites()
    await send(anna, 'Is it there?')
    await message(anna, 'Is it there?').getByText('sending…').waitFor()
    expect(await message(ben, 'Is it there?').count()).toBe(0)

    release()
    await message(anna, 'Is it there?').getByText('sent').waitFor()
    await message(ben, 'Is it there?').waitFor()
    expect(await message(anna, 'Is it there?').count()).toBe(1)
  })

  test('a reaction is counted for all, and taken back by who gave it', async ({ visit }) => {
    const anna = await visit('chat')
    const ben = await visit('chat', anna)
    await Promise.all([anna, ben].map(live))

    await send(anna, 'Coffee?')
    const reaction = (page: Page, name: string): Locator =>
      message(page, 'Coffee?').getByRole('button', { name })
    await reaction(ben, 'Coffee, 0').click()
    await reaction(anna, 'Coffee, 1').click()
    await reaction(ben, 'Coffee, 2').click()
    await reaction(anna, 'Coffee, 1').waitFor()
  })

  test('tabs and browsers see each other in the room', async ({ visit }) => {
    const anna = await visit('chat')
    const pages = [anna, await visit('chat', anna), await visit('chat')]
    await Promise.all(pages.map(live))
    const names = ['Ida', 'Joe', 'Kim']
    for (const [index, page] of pages.entries()) await rename(page, names[index]!)

    for (const page of pages) {
      const people = page.getByRole('list', { name: 'Here now' })
      for (const name of names) await people.getByText(name).waitFor()
    }
  })

  test('who leaves the room, or closes the page, is gone from the list', async ({ visit }) => {
    const pages = await Promise.all([visit('chat'), visit('chat'), visit('chat')])
    const [anna, ben, cleo] = pages
    await Promise.all(pages.map(live))
    const people = anna.getByRole('list', { name: 'Here now' })
    await rename(ben, 'Lars')
    await rename(cleo, 'Mona')
    for (const name of ['Lars', 'Mona']) await people.getByText(name).waitFor()

    await ben.getByRole('link', { name: 'Counter', exact: true }).click()
    await cleo.close({ runBeforeUnload: true })
    for (const name of ['Lars', 'Mona']) {
      await people.getByText(name).waitFor({ state: 'hidden' })
    }
  })

  test('who types is seen typing, and no longer', async ({ visit }) => {
    const [anna, ben] = await Promise.all([visit('chat'), visit('chat')])
    await Promise.all([anna, ben].map(live))
    await rename(ben, 'Nils')
    const nils = anna
      .getByRole('list', { name: 'Here now' })
      .getByRole('listitem')
      .filter({ hasText: 'Nils' })
    await nils.waitFor()

    await ben.getByLabel('Message', { exact: true }).fill('Well …')
    await nils.getByText('is typing').waitFor()
    await ben.getByRole('button', { name: 'Send' }).click()
    await nils.getByText('is typing').waitFor({ state: 'hidden' })
  })

  test('a reload keeps the messages and who I am', async ({ visit }) => {
    const anna = await visit('chat')
    await live(anna)
    await rename(anna, 'Olga')
    await send(anna, 'Still here')
    await message(anna, 'Still here').getByText('sent').waitFor()

    await anna.reload()
    await expect.poll(() => authors(anna, 'Still here')).toEqual(['Olga'])
    await message(anna, 'Still here').getByText('sent').waitFor()
  })
})

describe('when things go wrong', () => {
  test('a refused message goes away, and says so', async ({
    visit,
    example,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/status of 403/)
    const anna = await visit('chat')
    await live(anna)
    await send(anna, 'First')
    await message(anna, 'First').getByText('sent').waitFor()

    example.refuseWrites(403)
    await send(anna, 'Forbidden words')
    await anna.getByRole('alert').getByText('was refused').waitFor()
    await expect.poll(() => message(anna, 'Forbidden words').count()).toBe(0)
    expect(await message(anna, 'First').count()).toBe(1)

    example.refuseWrites(undefined)
    await send(anna, 'Allowed words')
    await message(anna, 'Allowed words').getByText('sent').waitFor()
  })

  test('cut connections lose no message and show none twice', async ({
    visit,
    example,
    expectFailedRequests,
  }) => {
    expectFailedRequests(/net::ERR_/)
    const [anna, ben] = await Promise.all([visit('chat'), visit('chat')])
    await Promise.all([anna, ben].map(live))

    for (let round = 0; round < 8; round++) {
      if (round % 4 === 1) example.proxy.cutAll()
      if (round % 4 === 3) example.proxy.cutNextAnswers(1, 'producer-seq')
      await Promise.all([send(anna, `Anna ${round}.`), send(ben, `Ben ${round}.`)])
    }
    for (const page of [anna, ben]) {
      for (let round = 0; round < 8; round++) {
        for (const name of ['Anna', 'Ben']) {
          const text = `${name} ${round}.`
          await expect.poll(() => message(page, text).count()).toBe(1)
        }
      }
    }
    await expect.poll(() => message(anna, 'sending…').count()).toBe(0)
  })
})
