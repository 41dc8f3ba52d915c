import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'

const useStyles = makeStyles({
  pager: {
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'flex-end',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
  },
})

/** "51–100 of 230", and the ways forward and back. */
export function Pager({
  page,
  perPage,
  count = 0,
  onPage,
}: {
  page: number
  perPage: number
  count: number | undefined
  onPage: (page: number) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  if (count <= perPage && page === 1) return null
  const first = (page - 1) * perPage + 1
  const last = Math.min(page * perPage, count)
  return (
    <nav className={styles.pager} aria-label={t('pager.label')}>
      <Text size={200}>{t('pager.range', { first, last, total: count })}</Text>
      <Button size="small" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        {t('pager.previous')}
      </Button>
      <Button size="small" disabled={last >= count} onClick={() => onPage(page + 1)}>
        {t('pager.next')}
      </Button>
    </nav>
  )
}
