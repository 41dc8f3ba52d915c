import { makeStyles, SearchBox, tokens } from '@fluentui/react-components'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import { searchPath } from './place'
import { rememberSearch } from './recent'
import type { Suggestion } from './Suggestions'

const Suggestions = lazy(() => import('./Suggestions').then((m) => ({ default: m.Suggestions })))

export const searchBoxID = 'tandem-search'
const listID = 'tandem-search-list'

const useStyles = makeStyles({
  search: { flex: '1 1 0', display: 'flex', justifyContent: 'center', minWidth: 0 },
  frame: { position: 'relative', width: '100%', maxWidth: '560px' },
  box: { width: '100%', maxWidth: 'none' },
  list: {
    position: 'absolute',
    zIndex: 20,
    insetInline: 0,
    top: 'calc(100% + 4px)',
    maxHeight: '70vh',
    overflowY: 'auto',
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow16,
  },
})

/** The search of the whole application, with what is found while one types. */
export function SearchBar() {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const { pathname, search } = useLocation()
  const [query, setQuery] = useState('')
  const [open, setOpen] = useState(false)
  const [options, setOptions] = useState<Suggestion[]>([])
  const [active, setActive] = useState(-1)
  const shown = pathname === '/search' ? (new URLSearchParams(search).get('q') ?? '') : ''
  useEffect(() => setQuery(shown), [shown])

  const go = (to: string, newTab: boolean) => {
    if (newTab) {
      window.open(to, '_blank', 'noopener')
      return
    }
    setOpen(false)
    setActive(-1)
    // What was found is read next: its keys are not to write into the search.
    document.getElementById(searchBoxID)?.blur()
    void navigate(to)
  }
  const submit = (newTab: boolean) => {
    const chosen = options[active]
    if (chosen) return go(chosen.to, newTab)
    if (!query.trim()) return
    rememberSearch(query.trim())
    go(searchPath(query.trim()), newTab)
  }

  return (
    <form
      role="search"
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault()
        submit(false)
      }}
    >
      <div className={styles.frame}>
        <SearchBox
          id={searchBoxID}
          className={styles.box}
          value={query}
          role="combobox"
          aria-expanded={open && options.length > 0}
          aria-controls={open && options.length > 0 ? listID : undefined}
          aria-autocomplete="list"
          aria-activedescendant={open && active >= 0 ? `${listID}-${active}` : undefined}
          aria-label={t('search.label')}
          placeholder={t('search.label')}
          autoComplete="off"
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onChange={(_, data) => {
            setQuery(data.value)
            setOpen(true)
            setActive(-1)
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return // a Japanese word is being chosen
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
            if (step && options.length > 0) {
              event.preventDefault()
              setOpen(true)
              setActive((at) => (at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length)
            } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault()
              submit(true)
            } else if (event.key === 'Escape' && open) {
              setOpen(false)
              setActive(-1)
            }
          }}
        />
        {open && (
          <div className={styles.list}>
            <Suspense>
              <Suggestions
                query={query}
                active={active}
                listID={listID}
                onOptions={setOptions}
                onChoose={(option, newTab) => {
                  if (query.trim()) rememberSearch(query.trim())
                  go(option.to, newTab)
                }}
              />
            </Suspense>
          </div>
        )}
      </div>
    </form>
  )
}
