import { useState, useSyncExternalStore, type ReactNode } from 'react'

type Theme = 'light' | 'dark'

const STORAGE_KEY = 'rooms/theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')

/** Follows the system until it is used; choosing what the system has follows the system again. */
export function ThemeToggle(): ReactNode {
  const system: Theme = useSyncExternalStore(subscribe, () => systemDark.matches) ? 'dark' : 'light'
  const [chosen, setChosen] = useState(
    document.documentElement.dataset['theme'] as Theme | undefined,
  )
  const other: Theme = (chosen ?? system) === 'dark' ? 'light' : 'dark'

  function toggle(): void {
    const choice = other === system ? undefined : other
    applyTheme(choice)
    setChosen(choice)
  }
  return (
    <button
      type="button"
      className="icon-button"
      onClick={toggle}
      aria-label={`Switch to ${other} theme`}
      title={`Switch to ${other} theme`}
    >
      {other === 'dark' ? <MoonIcon /> : <SunIcon />}
    </button>
  )
}

function subscribe(onChange: () => void): () => void {
  systemDark.addEventListener('change', onChange)
  return () => systemDark.removeEventListener('change', onChange)
}

function applyTheme(theme: Theme | undefined): void {
  if (theme) document.documentElement.dataset['theme'] = theme
  else delete document.documentElement.dataset['theme']
  try {
    if (theme) localStorage.setItem(STORAGE_KEY, theme)
    else localStorage.removeItem(STORAGE_KEY)
  } catch {
    // Storage is switched off: the choice lasts until the next reload.
  }
}

function MoonIcon(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" />
    </svg>
  )
}

function SunIcon(): ReactNode {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" />
    </svg>
  )
}
