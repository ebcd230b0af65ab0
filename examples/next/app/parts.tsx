'use client'

/** The parts that live in the browser: hooks are for client components. */
export { NotesPage as Notes } from '../../door/react/notes-page.tsx'
export { TodayPage as Today } from '../../door/react/today-page.tsx'
