import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT, sourceFiles } from '../support/imports.ts'
import { compileReact } from '../support/react-compiler.ts'

async function compile(file: string): Promise<readonly string[]> {
  return (await compileReact(await readFile(join(ROOT, file), 'utf8'), join(ROOT, file))).names
}

const files = sourceFiles('src/react')

it.each(files)('%s keeps the rules that the React Compiler builds on', async (file) => {
  await expect(compile(file)).resolves.toBeDefined()
})

it('compiles each hook and component that we export', async () => {
  const names = new Set((await Promise.all(files.map(compile))).flat())
  expect([...names]).toEqual(
    expect.arrayContaining([
      'HydrationBoundary',
      'PartyProvider',
      'useConnectionStatus',
      'useFailures',
      'useSharedStore',
      'useServerState',
      'useServerStateSuspense',
      'useServerReducer',
      'useServerReducerSuspense',
      'useStreamStatus',
    ]),
  )
})

it('refuses code that breaks a rule', async () => {
  const code = `
    import { useState } from 'react'
    let last
    export function useLast(value) {
      last = value
      return useState(last)
    }`
  await expect(compileReact(code, 'use-last.ts')).rejects.toThrow(/outside of the component/)
})
