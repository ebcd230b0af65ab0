import { join } from 'node:path'
import { build, type PluginOption } from 'vite'

/** Scripts by path, as an application's bundler makes them of `entry`: the first is `/page.js`. */
export async function bundlePage(
  entry: string,
  plugins: PluginOption[] = [],
): Promise<ReadonlyMap<string, string>> {
  const built = await build({
    configFile: false,
    root: process.cwd(),
    logLevel: 'silent',
    plugins,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      lib: {
        entry: { page: join(process.cwd(), entry) },
        formats: ['es'],
        fileName: (_, name) => `${name}.js`,
      },
    },
  })
  const [first] = [built].flat()
  if (!first || !('output' in first)) throw new Error('Vite built nothing')
  return new Map(
    first.output.flatMap((made) =>
      made.type === 'chunk' ? [[`/${made.fileName}`, made.code] as const] : [],
    ),
  )
}
