import { describe, expect, it } from 'vitest'
import { dependencyRows, packageRows } from '../../examples/rooms/feeder/lock-rows.ts'
import { parseLockFile } from '../../examples/rooms/feeder/lock-file.ts'

const lock = (packages: Record<string, unknown>, more: object = {}) =>
  parseLockFile(JSON.stringify({ name: 'mine', lockfileVersion: 3, packages, ...more }))

describe('the packages of a lock file', () => {
  it('have name, version, licence and flags, and the project itself is one of them', () => {
    const rows = packageRows(
      lock({
        '': { version: '1.0.0', license: 'Apache-2.0' },
        'node_modules/@scope/a': { version: '2.0.0', license: 'MIT', dev: true },
        'node_modules/@scope/a/node_modules/b': { version: '3.0.0', devOptional: true },
      }),
    )
    const flags = { dev: false, optional: false }
    expect(rows).toEqual([
      { path: '.', name: 'mine', version: '1.0.0', licence: 'Apache-2.0', ...flags },
      {
        path: 'node_modules/@scope/a',
        name: '@scope/a',
        version: '2.0.0',
        licence: 'MIT',
        dev: true,
        optional: false,
      },
      {
        path: 'node_modules/@scope/a/node_modules/b',
        name: 'b',
        version: '3.0.0',
        licence: null,
        dev: true,
        optional: true,
      },
    ])
  })

  it('go by their own name when they are installed under another one', () => {
    const [row] = packageRows(lock({ 'node_modules/db-old': { name: '@x/db', version: '0.9.2' } }))
    expect(row).toMatchObject({ path: 'node_modules/db-old', name: '@x/db' })
  })

  it('do not count a link to a workspace as one more package', () => {
    const packages = {
      'packages/a': { version: '1.0.0' },
      'node_modules/a': { resolved: 'packages/a', link: true },
    }
    expect(packageRows(lock(packages)).map(({ path, name }) => [path, name])).toEqual([
      ['packages/a', 'a'],
    ])
  })

  it.each([
    ['no text', undefined],
    ['an old licence object', { type: 'MIT' }],
  ])('are listed without a licence when it is %s', (_what, license) => {
    expect(packageRows(lock({ 'node_modules/a': { license } }))[0]?.licence).toBeNull()
  })
})

describe('the dependencies of a lock file', () => {
  it('lead from each package to the very instance it gets', () => {
    const rows = dependencyRows(
      lock({
        '': { dependencies: { a: '^1' }, devDependencies: { b: '^1' } },
        'node_modules/a': { version: '1.0.0', dependencies: { b: '^2' } },
        'node_modules/a/node_modules/b': { version: '2.0.0', peerDependencies: { a: '*' } },
        'node_modules/b': { version: '1.0.0', optionalDependencies: { fsevents: '~2' } },
      }),
    )
    expect(rows.map(({ from, kind, name, range, to }) => [from, kind, name, range, to])).toEqual([
      ['.', 'prod', 'a', '^1', 'node_modules/a'],
      ['.', 'dev', 'b', '^1', 'node_modules/b'],
      ['node_modules/a', 'prod', 'b', '^2', 'node_modules/a/node_modules/b'],
      ['node_modules/a/node_modules/b', 'peer', 'a', '*', 'node_modules/a'],
      ['node_modules/b', 'optional', 'fsevents', '~2', null],
    ])
  })

  it('follow a link to the workspace behind it', () => {
    const rows = dependencyRows(
      lock({
        '': { dependencies: { a: '*' } },
        'packages/a': { version: '1.0.0' },
        'node_modules/a': { resolved: 'packages/a', link: true },
      }),
    )
    expect(rows[0]?.to).toBe('packages/a')
  })

  it('have an id of their own even when a package asks twice for one name', () => {
    const rows = dependencyRows(
      lock({ 'node_modules/a': { dependencies: { b: '1' }, peerDependencies: { b: '*' } } }),
    )
    expect(new Set(rows.map(({ id }) => id)).size).toBe(2)
  })
})

describe('a lock file that cannot be read', () => {
  it.each([
    ['is cut off', '{"packages": {', /not JSON/],
    ['is of npm 6', '{"lockfileVersion": 1, "dependencies": {}}', /npm 7 or later: packages/],
    [
      'has a version that is a number',
      '{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": 1}}}',
      /packages › node_modules\/a › version/,
    ],
  ])('and %s is refused with the place', (_what, text, message) => {
    expect(() => parseLockFile(text)).toThrow(message)
  })
})
