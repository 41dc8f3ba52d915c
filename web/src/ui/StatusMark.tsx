import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { ErrorIcon, InfoIcon, OkIcon, WaitingIcon, WarningIcon } from './icons'

export type Tone = 'ok' | 'busy' | 'warning' | 'error' | 'neutral'

const icons: Record<Tone, typeof OkIcon> = {
  ok: OkIcon,
  busy: WaitingIcon,
  warning: WarningIcon,
  error: ErrorIcon,
  neutral: InfoIcon,
}

const useStyles = makeStyles({
  mark: { display: 'inline-flex', alignItems: 'flex-start', gap: tokens.spacingHorizontalXS },
  // As high as a line, so that it stands beside the first one.
  icon: {
    display: 'inline-flex',
    alignItems: 'center',
    height: '1lh',
    flexShrink: 0,
    '& > svg': { width: '16px', height: '16px' },
  },
  // The words stand on the line that the mark stands on, not the icon.
  words: { alignSelf: 'baseline' },
  ok: { color: tokens.colorPaletteGreenForeground1 },
  busy: { color: tokens.colorBrandForeground1 },
  warning: { color: tokens.colorPaletteDarkOrangeForeground1 },
  error: { color: tokens.colorPaletteRedForeground1 },
  neutral: { color: tokens.colorNeutralForeground3 },
})

/** A state as icon, word and colour; never colour alone. */
export function StatusMark({ tone, children }: { tone: Tone; children: ReactNode }) {
  const styles = useStyles()
  const Icon = icons[tone]
  return (
    <span className={styles.mark}>
      <span className={mergeClasses(styles.icon, styles[tone])} aria-hidden>
        <Icon />
      </span>
      <span className={styles.words}>{children}</span>
    </span>
  )
}
