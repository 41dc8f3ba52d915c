import {
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Comment, FileLink } from '../api/types'
import { absoluteTime } from '../i18n/format'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { CopyIcon, DisconnectIcon, LinkIcon, MoreIcon, RetryIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { StatusMark } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { useCopy } from '../ui/useCopy'
import { useFiles } from './files'

const useStyles = makeStyles({
  list: {
    listStyleType: 'none',
    margin: 0,
    padding: 0,
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalXS,
  },
  link: { display: 'flex', alignItems: 'center', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  name: { overflowWrap: 'anywhere' },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const tones = { active: 'ok', expired: 'neutral', revoked: 'warning' } as const

/** The files of a reply that left as links: until when, how often downloaded, and a way to take them back. */
export function FileLinks({ comment }: { comment: Comment }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const name = (link: FileLink) =>
    comment.attachments.find((file) => file.id === link.attachment_id)?.file_name ?? t('file_link.unnamed')
  return (
    <ul className={styles.list} aria-label={t('file_link.label')}>
      {comment.file_links.map((link) => (
        <Row key={link.id} link={link} name={name(link)} ticket={comment.ticket_id} />
      ))}
    </ul>
  )
}

function Row({ link, name, ticket }: { link: FileLink; name: string; ticket: number }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const { renew, revoke } = useFiles()
  const notify = useNotify()
  const [, copy] = useCopy()
  const [revoking, setRevoking] = useState(false)
  const renewNow = () => renew(link, ticket).then(() => notify.done(t('file_link.renewed', { name })), notify.failed)
  const copyNow = () => {
    copy(link.url)
    notify.done(t('action.copied'))
  }
  return (
    <li className={styles.link}>
      <LinkIcon />
      <Text className={styles.name}>{name}</Text>
      <span className={styles.dim}>
        <StatusMark tone={tones[link.state]}>{t(`file_link.${link.state}`)}</StatusMark>
      </span>
      {link.state === 'active' && (
        <span className={styles.dim}>
          {t('file_link.until', { date: absoluteTime(new Date(link.expires_at), i18n.language) })}
        </span>
      )}
      <span className={styles.dim}>
        {t('file_link.downloads', { count: link.downloads })}
        {link.downloaded_at && (
          <>
            {' · '}
            <Time at={link.downloaded_at} />
          </>
        )}
      </span>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" appearance="subtle" icon={<MoreIcon />} aria-label={t('file_link.more', { name })} />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            {link.state === 'active' && (
              <MenuItem icon={<CopyIcon />} onClick={copyNow}>
                {t('file_link.copy')}
              </MenuItem>
            )}
            <MenuItem icon={<RetryIcon />} onClick={() => void renewNow()}>
              {t('file_link.renew')}
            </MenuItem>
            {link.state === 'active' && (
              <MenuItem icon={<DisconnectIcon />} onClick={() => setRevoking(true)}>
                {t('file_link.revoke')}
              </MenuItem>
            )}
          </MenuList>
        </MenuPopover>
      </Menu>
      {revoking && (
        <ConfirmDialog
          title={t('file_link.revoke_title', { name })}
          confirm={t('file_link.revoke')}
          onConfirm={() => revoke(link, ticket)}
          onClose={() => setRevoking(false)}
        >
          {t('file_link.revoke_why')}
        </ConfirmDialog>
      )}
    </li>
  )
}
