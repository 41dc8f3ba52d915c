import { makeStyles, Subtitle2, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'

const everywhere = [
  ['/', 'search'],
  ['n', 'new_ticket'],
  ['?', 'help'],
] as const
const list = [
  ['j', 'next'],
  ['k', 'previous'],
  ['Enter', 'open'],
  ['x', 'choose'],
  ['[', 'previous_view'],
  [']', 'next_view'],
] as const
const ticket = [
  ['r', 'reply'],
  ['i', 'note'],
  ['m', 'macro'],
  ['Ctrl+Enter', 'submit'],
  ['Esc', 'leave_text'],
  ['u', 'back'],
] as const

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: '88px 1fr',
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    margin: `${tokens.spacingVerticalS} 0 ${tokens.spacingVerticalL}`,
  },
  key: {
    fontFamily: tokens.fontFamilyMonospace,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    paddingInline: tokens.spacingHorizontalSNudge,
  },
  what: { margin: 0 },
})

/** All keys, by where they work. */
export function ShortcutList() {
  const { t } = useTranslation()
  const styles = useStyles()
  const section = <K extends string>(
    title: string,
    keys: readonly (readonly [string, K])[],
    words: (id: K) => string,
  ) => (
    <section>
      <Subtitle2 as="h3">{title}</Subtitle2>
      <dl className={styles.list}>
        {keys.map(([key, id]) => (
          <div key={id} style={{ display: 'contents' }}>
            <dt>
              <kbd className={styles.key}>{key}</kbd>
            </dt>
            <dd className={styles.what}>{words(id)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
  return (
    <>
      {section(t('shortcuts.everywhere'), everywhere, (id) => t(`shortcuts.${id}`))}
      {section(t('shortcuts.list'), list, (id) => t(`shortcuts.${id}`))}
      {section(t('shortcuts.ticket'), ticket, (id) => t(`shortcuts.${id}`))}
    </>
  )
}
