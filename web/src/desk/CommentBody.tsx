import {
  Button,
  Link,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { apiURL } from '../api/client'
import type { Comment } from '../api/types'
import { useLook } from '../ui/theme'
import { hasOwnColors, isPlain, splitLinks } from './mailBody'
import { MailFrame } from './MailFrame'

const useStyles = makeStyles({
  text: { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' },
  fold: {
    alignSelf: 'flex-start',
    minWidth: 0,
    height: '20px',
    marginTop: tokens.spacingVerticalXS,
    letterSpacing: '2px',
  },
  quoted: {
    marginTop: tokens.spacingVerticalS,
    paddingLeft: tokens.spacingHorizontalM,
    borderLeft: `3px solid ${tokens.colorNeutralStroke2}`,
  },
})

/** What a comment says: text as text, mail in its frame, the quoted history folded. */
export function CommentBody({ comment, author }: { comment: Comment; author: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const look = useLook()
  const [images, setImages] = useState(false)
  const [unfolded, setUnfolded] = useState(false)
  const frame = (wish: { images: boolean; quoted?: boolean }) =>
    apiURL(`/tickets/${comment.ticket_id}/comments/${comment.id}/frame`, {
      ...wish,
      theme:
        look === 'light' || hasOwnColors(wish.quoted ? (comment.quoted_html ?? '') : comment.html_body)
          ? 'light'
          : 'dark',
    })
  const plain = isPlain(comment.html_body) && !comment.has_remote_images

  return (
    <>
      {comment.has_remote_images && !images && (
        <MessageBar layout="auto">
          <MessageBarBody>{t('comment.images_blocked')}</MessageBarBody>
          <MessageBarActions>
            <Button size="small" onClick={() => setImages(true)}>
              {t('comment.show_images')}
            </Button>
          </MessageBarActions>
        </MessageBar>
      )}
      {plain ? (
        <div className={styles.text}>
          <LinkedText text={comment.plain_body.trimEnd()} />
        </div>
      ) : (
        <MailFrame title={t('comment.frame', { name: author })} src={frame({ images })} />
      )}
      {comment.quoted_html && (
        <>
          <Button
            className={styles.fold}
            size="small"
            aria-expanded={unfolded}
            aria-label={unfolded ? t('comment.fold') : t('comment.unfold')}
            title={unfolded ? t('comment.fold') : t('comment.unfold')}
            onClick={() => setUnfolded(!unfolded)}
          >
            <span aria-hidden>•••</span>
          </Button>
          {unfolded && (
            <div className={styles.quoted}>
              <MailFrame title={t('comment.quoted')} src={frame({ images, quoted: true })} />
            </div>
          )}
        </>
      )}
    </>
  )
}

function LinkedText({ text }: { text: string }) {
  return splitLinks(text).map((part, i) =>
    part.href ? (
      <Link key={i} href={part.href} target="_blank" rel="noreferrer noopener" inline>
        {part.text}
      </Link>
    ) : (
      part.text
    ),
  )
}
