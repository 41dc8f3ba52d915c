import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useSearchParams } from 'react-router'

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

/** Leads from a page past the end to the last one: its rows may just have been done with, and the list is not empty for that. */
export function useLastPage(perPage: number, list: { data?: { count?: number }; isPlaceholderData: boolean }) {
  const [search, setSearch] = useSearchParams()
  const page = Number(search.get('page')) || 1
  const count = list.isPlaceholderData ? undefined : list.data?.count
  const last = count === undefined ? page : Math.max(1, Math.ceil(count / perPage))
  useEffect(() => {
    if (page <= last) return
    setSearch(
      (old) => {
        old.set('page', String(last))
        return old
      },
      { replace: true },
    )
  }, [page, last, setSearch])
}
