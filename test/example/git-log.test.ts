import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readGitLog } from '../../examples/rooms/feeder/git-log.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'git-log-'))
})
afterEach(() => rm(directory, { recursive: true }))

const git = (...args: string[]): void => {
  execFileSync('git', args, { cwd: directory, env: { ...process.env, ...author }, stdio: 'pipe' })
}
const author = {
  GIT_AUTHOR_NAME: 'ada@example.org',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05+02:00',
  GIT_COMMITTER_NAME: 'ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
}

describe('the history of a repository', () => {
  beforeEach(async () => {
    git('init')
    await writeFile(join(directory, 'plain'), '1')
    await writeFile(join(directory, 'two\nlines "ä"'), '1')
    git('add', '.')
    git('commit', '-m', 'Say "hello"\n\nwith a body')
    git('commit', '--allow-empty', '-m', 'Nothing at all')
  })

  it('is read newest first, with the names of the files as they are', async () => {
    const commits = await readGitLog(directory)
    expect(commits.map(({ subject, files }) => [subject, files])).toEqual([
      ['Nothing at all', []],
      ['Say "hello"', ['plain', 'two\nlines "ä"']],
    ])
    expect(commits[0]).toMatchObject({ date: '2026-01-02T01:04:05.000Z', fileCount: 0 })
  })

  it('tells no e-mail address, not even one that is used as a name', async () => {
    expect(JSON.stringify(await readGitLog(directory))).not.toContain('example.org')
  })

  it('counts all files of a large commit and lists the first fifty', async () => {
    for (let i = 0; i < 60; i++) await writeFile(join(directory, `file-${i}`), '')
    git('add', '.')
    git('commit', '-m', 'Many')
    const [commit] = await readGitLog(directory)
    expect(commit).toMatchObject({ fileCount: 60 })
    expect(commit?.files).toHaveLength(50)
  })
})

describe('no history', () => {
  it('is explained when the folder is no repository', async () => {
    await expect(readGitLog(directory)).rejects.toThrow(`${directory} is not a git repository`)
  })

  it('is explained when nothing was committed', async () => {
    git('init')
    await expect(readGitLog(directory)).rejects.toThrow(/has no commits yet/)
  })
})
