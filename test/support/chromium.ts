import { execFile } from 'node:child_process'
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser, type LaunchOptions } from 'playwright-core'

const NODE_MODULES = join(
  dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
  '..',
)
const PACKAGE = join(NODE_MODULES, '@sparticuz', 'chromium')
const CACHE = join(NODE_MODULES, '.cache', 'streamwell')

/** The fonts of this machine, and those of the package, since a bare machine has none. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
</fontconfig>
`

/**
 * Starts a real, headless Chromium: the one that npm installed, or the one at `CHROME_PATH`.
 *
 * The package's own list of arguments is left out on purpose: it turns web security off.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const own = process.env['CHROME_PATH']
  if (own) return chromium.launch({ ...options, executablePath: own })
  const folder = await unpackChromium()
  return chromium.launch({
    ...options,
    executablePath: join(folder, 'chromium'),
    env: {
      ...definedEnv(),
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
    },
  })
}

/**
 * Unpacks Chromium from npm, once per version.
 *
 * The package unpacks into the system's temporary folder without a lock and takes whatever it finds
 * there. So it gets a folder of its own, and only a whole one is renamed to its final place: of two
 * processes that race, either may win.
 *
 * @returns the folder with the executable, its libraries and its fonts.
 */
export async function unpackChromium(): Promise<string> {
  if (process.env['CHROME_PATH']) return dirname(process.env['CHROME_PATH'])
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `npm has no Chromium for ${process.platform}-${process.arch}: set CHROME_PATH to the ` +
        'executable of a Chrome or Chromium on this machine',
    )
  }
  const { version } = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(CACHE, `chromium-${version}`)
  if (!(await exists(folder))) await unpackTo(folder)
  return folder
}

async function unpackTo(folder: string): Promise<void> {
  const unfinished = `${folder}.${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  // In a process of its own, since TMPDIR and the flag that asks for the libraries are environment.
  const script = "import('@sparticuz/chromium').then((it) => it.default.executablePath())"
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: NODE_MODULES,
    env: { ...process.env, TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
  })
  await writeFile(join(unfinished, 'fonts', 'fonts.conf'), FONTS_CONF)
  try {
    await rename(unfinished, folder)
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function definedEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Record<string, string>
}
