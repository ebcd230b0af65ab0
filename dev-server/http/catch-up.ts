import { pageAnswer, revalidated, tailAnswer } from './page-answer.ts'
import { failedReadAnswer } from './respond.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'
import type { Read } from './parse-read.ts'
import type { RequestHeaders } from './parse-headers.ts'

export const PAGE_MAX_BYTES: number = 1024 * 1024

/** Answers with what is stored, page by page. Protocol section 5, catch-up. */
export async function catchUp(
  { streams, cacheControl }: House,
  path: string,
  { start }: Read,
  headers: RequestHeaders,
): Promise<Answer> {
  const outcome = await streams.page(path, start, PAGE_MAX_BYTES)
  if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
  const { page } = outcome
  await streams.touch(path, page.record)
  if (start === 'now') return tailAnswer(page, path)
  return revalidated(pageAnswer(page, path, cacheControl), headers['if-none-match'])
}
