import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { MoreIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { StatusMark } from '../ui/StatusMark'
import { TextLink } from '../ui/TextLink'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  what: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' },
  title: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

interface Kept {
  id: number
  active: boolean
  position: number
  description: string | null
  broken: unknown[]
}

/** Views or macros in their order: moved, switched on and off, copied and deleted. */
export function RuleRows<T extends Kept>({
  label,
  rows,
  base,
  titleOf,
  whose,
  save,
  move,
  remove,
}: {
  label: string
  rows: T[]
  /** Where one is edited, before its number. */
  base: string
  titleOf: (row: T) => string
  whose: (row: T) => ReactNode
  save: (id: number, change: { active: boolean }) => Promise<unknown>
  move: (id: number, position: number) => Promise<unknown>
  remove: (id: number) => Promise<unknown>
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const [deleting, setDeleting] = useState<T>()
  return (
    <>
      <ol className={styles.list} aria-label={label}>
        {rows.map((row) => {
          const title = titleOf(row)
          return (
            <li key={row.id} className={styles.row}>
              <div className={styles.what}>
                <div className={styles.title}>
                  <TextLink to={`${base}/${row.id}`}>{title}</TextLink>
                  {row.broken.length > 0 && <StatusMark tone="error">{t('view.broken')}</StatusMark>}
                </div>
                <div className={styles.dim}>
                  {row.description && <div>{row.description}</div>}
                  {whose(row)}
                </div>
              </div>
              <Switch
                checked={row.active}
                aria-label={t('trigger.switch', { title })}
                onChange={(_, data) => void save(row.id, { active: data.checked }).catch(notify.failed)}
              />
              <Menu>
                <MenuTrigger disableButtonEnhancement>
                  <Button appearance="subtle" icon={<MoreIcon />} aria-label={t('trigger.more', { title })} />
                </MenuTrigger>
                <MenuPopover>
                  <MenuList>
                    <MenuItem onClick={() => void navigate(`${base}/${row.id}`)}>{t('action.edit')}</MenuItem>
                    <MenuItem onClick={() => void navigate(`${base}/new?copy=${row.id}`)}>{t('trigger.copy')}</MenuItem>
                    <MenuItem disabled={row.position === 1} onClick={() => void move(row.id, row.position - 1).catch(notify.failed)}>
                      {t('view.up')}
                    </MenuItem>
                    <MenuItem onClick={() => void move(row.id, row.position + 1).catch(notify.failed)}>{t('view.down')}</MenuItem>
                    <MenuItem onClick={() => setDeleting(row)}>{t('action.delete')}</MenuItem>
                  </MenuList>
                </MenuPopover>
              </Menu>
            </li>
          )
        })}
      </ol>
      {deleting && (
        <ConfirmDialog
          title={t('view.delete_title', { title: titleOf(deleting) })}
          confirm={t('action.delete')}
          onConfirm={() => remove(deleting.id)}
          onClose={() => setDeleting(undefined)}
        >
          <Text block>{t('view.delete_what')}</Text>
        </ConfirmDialog>
      )}
    </>
  )
}
