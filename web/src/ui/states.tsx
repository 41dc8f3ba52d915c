import { makeStyles, Skeleton, SkeletonItem, Text, tokens } from '@fluentui/react-components'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/problem'
import { ProblemView } from './problems'

const useStyles = makeStyles({
  skeleton: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalM,
    padding: tokens.spacingHorizontalL,
  },
  empty: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    textAlign: 'center',
    gap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalXXXL} ${tokens.spacingHorizontalL}`,
    color: tokens.colorNeutralForeground2,
  },
  emptyText: { maxWidth: '440px' },
  emptyIcon: { fontSize: '32px', color: tokens.colorNeutralForeground3, '& > svg': { width: '32px', height: '32px' } },
})

/** Grey bars where the content will be. */
export function Loading({ rows = 6, height = 20 }: { rows?: number; height?: 16 | 20 | 24 | 32 | 48 | 64 | 96 }) {
  const styles = useStyles()
  const { t } = useTranslation()
  return (
    <Skeleton aria-label={t('state.loading')} className={styles.skeleton}>
      {Array.from({ length: rows }, (_, row) => (
        <SkeletonItem key={row} size={height} style={{ width: `${100 - ((row * 17) % 40)}%` }} />
      ))}
    </Skeleton>
  )
}

/** Nothing here, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  const styles = useStyles()
  return (
    <div className={styles.empty}>
      {icon && <span className={styles.emptyIcon}>{icon}</span>}
      <Text size={400} weight="semibold">
        {title}
      </Text>
      {children && <Text className={styles.emptyText}>{children}</Text>}
      {action}
    </div>
  )
}

/** Shows a query's answer, or its waiting, or its failure. */
export function Loaded<T>({
  query,
  loading,
  children,
}: {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  loading?: ReactNode
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) {
    // What is not there, or not allowed, will not be by asking again.
    const refused = query.error instanceof Problem && query.error.status >= 400 && query.error.status < 500
    return <ProblemView error={query.error} onRetry={refused ? undefined : () => void query.refetch()} />
  }
  return <>{loading ?? <Loading />}</>
}
