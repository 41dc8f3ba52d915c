import {
  Badge,
  Button,
  Link,
  makeStyles,
  Menu,
  MenuItem,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiURL } from '../api/client'
import { Problem } from '../api/problem'
import type { Bounce, Comment, User } from '../api/types'
import { Face } from '../ui/Face'
import { FlagIcon, InternalIcon, MoreIcon, NoteIcon, RouteIcon, SourceIcon, WarningIcon } from '../ui/icons'
import { narrow } from '../ui/layout'
import { useNotify } from '../ui/notify'
import { useProblemWords } from '../ui/problems'
import { StatusMark } from '../ui/StatusMark'
import { Time } from '../ui/Time'
import { Attachments } from './Attachments'
import { CommentBody } from './CommentBody'
import { FileLinks } from './FileLinks'
import { useDesk } from './queries'
import { SetAsideBar } from './SetAsideBar'

const useStyles = makeStyles({
  card: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    borderLeft: '3px solid transparent',
  },
  agent: { backgroundColor: tokens.colorNeutralBackground2 },
  // An internal note looks warm wherever it shows, so that nobody takes it for a reply.
  note: {
    backgroundColor: tokens.colorPaletteMarigoldBackground1,
    borderLeftColor: tokens.colorPaletteMarigoldBorderActive,
  },
  failed: { borderLeftColor: tokens.colorPaletteRedBorderActive },
  head: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, flexWrap: 'wrap' },
  who: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    flexGrow: 1,
    minWidth: 0,
    flexWrap: 'wrap',
  },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  address: { [narrow]: { display: 'none' } },
  body: {
    paddingLeft: '36px',
    [narrow]: { paddingLeft: 0 },
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalS,
  },
})

/** One thing said: who, when, to whom, and what became of its mail. */
export function CommentCard({
  comment,
  author,
  onJourney,
}: {
  comment: Comment
  author: User | undefined
  onJourney: (mail: number) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const works = author !== undefined && author.role !== 'end-user'
  const name = author?.name || author?.email || t('comment.unknown_author')
  return (
    <article
      className={mergeClasses(
        styles.card,
        works && styles.agent,
        !comment.public && styles.note,
        (comment.delivery?.state === 'failed' || comment.delivery?.state === 'bounced') && styles.failed,
      )}
      aria-label={t(comment.public ? 'comment.label_reply' : 'comment.label_note', { name })}
    >
      <header className={styles.head}>
        <div className={styles.who}>
          <Face name={name} colleague={works} />
          <Text weight="semibold">{name}</Text>
          {!comment.public && (
            <Badge appearance="tint" color="warning" icon={<InternalIcon />}>
              {t('comment.internal')}
            </Badge>
          )}
          {comment.mail?.authentication === 'fail' && (
            <Badge appearance="tint" color="danger" icon={<WarningIcon />} title={t('comment.not_authenticated_why')}>
              {t('comment.not_authenticated')}
            </Badge>
          )}
          {comment.mail?.automatic && <Badge appearance="tint">{t('comment.automatic')}</Badge>}
          {author && !works && <span className={mergeClasses(styles.dim, styles.address)}>{author.email}</span>}
        </div>
        <span className={styles.dim}>
          <Time at={comment.created_at} />
        </span>
        <CommentMenu comment={comment} onJourney={onJourney} />
      </header>
      <div className={styles.body}>
        {comment.flag === 'stranger' && <StrangerBar comment={comment} email={author?.email ?? ''} />}
        <CommentBody comment={comment} author={name} />
        {comment.set_aside && <SetAsideBar comment={comment} aside={comment.set_aside} />}
        <Attachments attachments={comment.attachments} />
        {comment.file_links.length > 0 && <FileLinks comment={comment} />}
        {comment.delivery && <DeliveryLine comment={comment} />}
      </div>
    </article>
  )
}

function CommentMenu({ comment, onJourney }: { comment: Comment; onJourney: (mail: number) => void }) {
  const { t } = useTranslation()
  const { makeInternal } = useDesk()
  const notify = useNotify()
  if (!comment.public && !comment.mail_id) return null
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button size="small" appearance="subtle" icon={<MoreIcon />} aria-label={t('comment.more')} />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {comment.mail_id && (
            <MenuItem icon={<RouteIcon />} onClick={() => onJourney(comment.mail_id!)}>
              {t('comment.journey')}
            </MenuItem>
          )}
          {comment.mail_id && comment.via.channel === 'email' && (
            <MenuItemLink icon={<SourceIcon />} href={apiURL(`/mail/${comment.mail_id}/source`)} target="_blank">
              {t('comment.source')}
            </MenuItemLink>
          )}
          {comment.public && (
            <MenuItem icon={<NoteIcon />} onClick={() => void makeInternal(comment).catch(notify.failed)}>
              {t('comment.make_internal')}
            </MenuItem>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

/** A mail from somebody who has no part in the ticket waits for an agent's word. */
function StrangerBar({ comment, email }: { comment: Comment; email: string }) {
  const { t } = useTranslation()
  const { accept } = useDesk()
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const decide = (addToCopy: boolean) => {
    setBusy(true)
    accept(comment, addToCopy)
      .catch(notify.failed)
      .finally(() => setBusy(false))
  }
  return (
    <MessageBar intent="warning" layout="multiline" icon={<FlagIcon />}>
      <MessageBarBody>
        <MessageBarTitle>{t('stranger.title')}</MessageBarTitle> {t('stranger.why', { email })}
      </MessageBarBody>
      <MessageBarActions>
        <Button size="small" appearance="primary" disabled={busy} onClick={() => decide(false)}>
          {t('stranger.accept')}
        </Button>
        <Button size="small" disabled={busy} onClick={() => decide(true)}>
          {t('stranger.accept_and_copy')}
        </Button>
      </MessageBarActions>
    </MessageBar>
  )
}

/** How far the mail of a reply has come; a failed one stays, with its reason and a way to try again. */
function DeliveryLine({ comment }: { comment: Comment }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const words = useProblemWords()
  const { retryDelivery } = useDesk()
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const delivery = comment.delivery!
  const trouble = delivery.error_code
    ? words(new Problem({ code: delivery.error_code, message: delivery.message, remedy: delivery.remedy }))
    : undefined

  const retry = () => {
    setBusy(true)
    retryDelivery(comment)
      .catch(notify.failed)
      .finally(() => setBusy(false))
  }

  if (delivery.state === 'failed') {
    return (
      <MessageBar intent="error" layout="multiline" role="alert">
        <MessageBarBody>
          <MessageBarTitle>{t('delivery.failed')}</MessageBarTitle> {trouble?.message} {trouble?.remedy}{' '}
          <Text size={200}>{delivery.error_code}</Text>
        </MessageBarBody>
        <MessageBarActions>
          <Button size="small" appearance="primary" disabled={busy} onClick={retry}>
            {t('action.try_again')}
          </Button>
        </MessageBarActions>
      </MessageBar>
    )
  }
  if (delivery.state === 'bounced') {
    return (
      <MessageBar intent="error" layout="multiline" role="alert">
        <MessageBarBody>
          <MessageBarTitle>{t('delivery.bounced')}</MessageBarTitle>
          {delivery.bounces.map((bounce, i) => (
            <BounceLine key={i} bounce={bounce} />
          ))}
        </MessageBarBody>
        <MessageBarActions>
          <Button size="small" appearance="primary" disabled={busy} onClick={retry}>
            {t('delivery.send_again')}
          </Button>
        </MessageBarActions>
      </MessageBar>
    )
  }
  if (delivery.state === 'sent') {
    return (
      <span className={styles.dim}>
        <StatusMark tone="ok">
          {t('delivery.sent')} · <Time at={delivery.sent_at} />
        </StatusMark>
      </span>
    )
  }
  if (trouble) {
    return (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t('delivery.waiting')}</MessageBarTitle> {trouble.message} {trouble.remedy}{' '}
          <Link as="button" inline disabled={busy} onClick={retry}>
            {t('action.try_now')}
          </Link>
        </MessageBarBody>
      </MessageBar>
    )
  }
  return (
    <span className={styles.dim}>
      <StatusMark tone="busy">{t(`delivery.${delivery.state}`)}</StatusMark>
    </span>
  )
}

/** Whom a reply did not reach, why, and what to do. */
function BounceLine({ bounce }: { bounce: Bounce }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  const { message, remedy } = words(new Problem({ code: bounce.code, message: bounce.message, remedy: bounce.remedy }))
  return (
    <Text block>
      {bounce.recipient && <strong>{t('delivery.bounced_from', { recipient: bounce.recipient })} </strong>}
      {message} {remedy}{' '}
      <Text size={200} block>
        {bounce.diagnostic || bounce.status}
      </Text>
    </Text>
  )
}
