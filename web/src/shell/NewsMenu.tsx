import {
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Text,
  tokens,
  type ButtonProps,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { DoneIcon, PersonIcon, ReplyIcon, WarningIcon } from '../ui/icons'
import { Time } from '../ui/Time'
import type { News } from './news'

const icons = { assigned: PersonIcon, replied: ReplyIcon, failed: WarningIcon }

const useStyles = makeStyles({
  list: { maxHeight: 'min(480px, 70dvh)', overflowY: 'auto', width: 'min(360px, 90vw)', boxSizing: 'border-box' },
  item: { maxWidth: '100%' },
  lines: { display: 'flex', flexDirection: 'column', minWidth: 0 },
  fresh: { fontWeight: tokens.fontWeightSemibold },
  small: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  cut: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', maxWidth: 'min(256px, 64vw)' },
  none: { display: 'block', padding: tokens.spacingHorizontalM, color: tokens.colorNeutralForeground2 },
})

/** The news as a menu. It begins open: a first press loads it. */
export function NewsMenu({
  bell,
  news,
  isNew,
  unread,
  onReadAll,
}: {
  bell: ButtonProps
  news: News[]
  isNew: (one: News) => boolean
  unread: number
  onReadAll: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  return (
    <Menu defaultOpen>
      <MenuTrigger disableButtonEnhancement>
        <Button {...bell} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList className={styles.list} aria-label={t('news.title')}>
          <MenuItem icon={<DoneIcon />} disabled={unread === 0} onClick={onReadAll}>
            {t('news.read_all')}
          </MenuItem>
          <MenuDivider />
          {news.length === 0 && <Text className={styles.none}>{t('news.none')}</Text>}
          {news.map((one) => {
            const Icon = icons[one.what]
            const to = `/tickets/${one.ticket.id}`
            return (
              <MenuItemLink
                key={one.id}
                className={styles.item}
                icon={<Icon />}
                href={to}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey) return
                  event.preventDefault()
                  void navigate(to)
                }}
              >
                <span className={styles.lines}>
                  <span className={mergeClasses(isNew(one) && styles.fresh)}>{t(`news.${one.what}`)}</span>
                  <span className={styles.cut}>
                    #{one.ticket.id} {one.ticket.subject}
                  </span>
                  <span className={styles.small}>
                    <Time at={one.at} />
                  </span>
                </span>
              </MenuItemLink>
            )
          })}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
