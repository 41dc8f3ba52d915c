import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Input,
  makeStyles,
  mergeClasses,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useId, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { AppliedMacro, Macro } from '../../api/types'
import { Dialog } from '../../ui/Dialog'
import { narrow } from '../../ui/layout'
import { ProblemBar } from '../../ui/problems'
import { Loading } from '../../ui/states'
import { AppliedList } from './AppliedList'
import { applyMacro, useApplied, useOfferedMacros } from './queries'

const useStyles = makeStyles({
  surface: { maxWidth: '760px' },
  content: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalM },
  halves: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1.2fr)',
    gap: tokens.spacingHorizontalL,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  list: { maxHeight: '320px', overflowY: 'auto' },
  option: {
    padding: `${tokens.spacingVerticalSNudge} ${tokens.spacingHorizontalM}`,
    borderRadius: tokens.borderRadiusMedium,
    cursor: 'pointer',
    overflowWrap: 'anywhere',
  },
  here: { backgroundColor: tokens.colorSubtleBackgroundSelected, fontWeight: tokens.fontWeightSemibold },
  category: { color: tokens.colorNeutralForeground3 },
})

/** Finds a macro by typing, shows what it will change, and hands over what it makes of the ticket. */
export function MacroPicker({
  ticket,
  hint,
  onApply,
  onClose,
}: {
  /** Whose change is shown; the first one when it is for several. */
  ticket: number
  hint?: string
  onApply: (macro: Macro, applied: AppliedMacro) => Promise<void> | void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const id = useId()
  const macros = useOfferedMacros()
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const found = (macros.data ?? []).filter((macro) => words.every((word) => macro.title.toLowerCase().includes(word)))
  const here = found[Math.min(at, found.length - 1)]
  const applied = useApplied(here?.id, ticket)

  const apply = async (macro: Macro) => {
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      await onApply(macro, await applyMacro(macro.id, ticket))
      onClose()
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      const step = event.key === 'ArrowDown' ? 1 : -1
      setAt(Math.max(0, Math.min(found.length - 1, at + step)))
    } else if (event.key === 'Enter' && here) {
      event.preventDefault()
      void apply(here)
    }
  }
  return (
    <Dialog className={styles.surface} onClose={onClose}>
      <DialogBody>
        <DialogTitle>{t('macro.apply')}</DialogTitle>
        <DialogContent className={styles.content}>
          {hint && <Text>{hint}</Text>}
          <Input
            autoFocus
            role="combobox"
            aria-expanded
            aria-controls={id}
            aria-activedescendant={here && `${id}-${here.id}`}
            aria-label={t('macro.find')}
            placeholder={t('macro.find')}
            value={query}
            onChange={(_, data) => {
              setQuery(data.value)
              setAt(0)
            }}
            onKeyDown={press}
          />
          <ProblemBar error={error ?? macros.error} />
          {macros.isPending && <Loading rows={3} />}
          {macros.data && found.length === 0 && (
            <Text>{t(macros.data.length ? 'macro.none_found' : 'macro.none')}</Text>
          )}
          <div className={styles.halves}>
            <div id={id} role="listbox" aria-label={t('macro.title')} className={styles.list} tabIndex={-1}>
              {found.map((macro, i) => {
                const parts = macro.title.split('::')
                return (
                  <div
                    key={macro.id}
                    id={`${id}-${macro.id}`}
                    role="option"
                    aria-selected={macro === here}
                    ref={(element) => {
                      if (macro === here) element?.scrollIntoView({ block: 'nearest' })
                    }}
                    className={mergeClasses(styles.option, macro === here && styles.here)}
                    onMouseEnter={() => setAt(i)}
                    onClick={() => void apply(macro)}
                  >
                    {parts.length > 1 && <span className={styles.category}>{parts.slice(0, -1).join(' › ')} › </span>}
                    {parts.at(-1)}
                  </div>
                )
              })}
            </div>
            <div aria-live="polite">
              {here &&
                (applied.data ? (
                  <AppliedList applied={applied.data} />
                ) : applied.error ? (
                  <ProblemBar error={applied.error} />
                ) : null)}
            </div>
          </div>
        </DialogContent>
        <DialogActions fluid>
          <Button appearance="primary" disabled={!here || busy} onClick={() => here && void apply(here)}>
            {t('macro.apply')}
          </Button>
          <Button onClick={() => void navigate('/macros')}>{t('macro.manage')}</Button>
          <Button onClick={onClose}>{t('action.cancel')}</Button>
        </DialogActions>
      </DialogBody>
    </Dialog>
  )
}
