import {
  Accordion,
  AccordionHeader,
  AccordionItem,
  AccordionPanel,
  Card,
  makeStyles,
  Subtitle2,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { problemOf } from '../api/problem'
import type { MailDetails, Person } from '../api/types'
import { fileSize } from '../i18n/format'
import { Facts } from '../ui/Facts'
import { medium } from '../ui/layout'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { Loaded } from '../ui/states'
import { TextLink } from '../ui/TextLink'
import { Time } from '../ui/Time'
import { Journey } from './Journey'
import { MailActions } from './MailActions'
import { MailState } from './MailState'
import { useMail } from './queries'
import { isNoticedBy } from './states'

const useStyles = makeStyles({
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    gap: tokens.spacingHorizontalL,
    alignItems: 'start',
    [medium]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  text: {
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    maxHeight: '320px',
    overflow: 'auto',
    margin: 0,
    fontFamily: 'inherit',
  },
  scroll: { overflowX: 'auto' },
  headers: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
})

/** One mail of the ledger: its journey, what was tried, and what it says. */
export function MailPage() {
  const { t } = useTranslation()
  const { id } = useParams()
  const mail = useMail(Number(id))
  return (
    <Loaded query={mail}>
      {(data) => (
        <Page
          title={data.subject || t('ticket.no_subject')}
          lead={<MailState state={data.state} />}
          back={{ to: '/admin/mail', label: t('admin.mail') }}
          actions={<MailActions mail={data} />}
        >
          <Content mail={data} />
        </Page>
      )}
    </Loaded>
  )
}

function Content({ mail }: { mail: MailDetails }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const stopped = mail.journey.some((station) => station.at === null) && mail.error
  return (
    <div className={styles.columns}>
      <Card className={styles.card}>
        <Subtitle2 as="h2">{t('journey.label')}</Subtitle2>
        {mail.error && !stopped && <ProblemBar error={problemOf(mail.error)} />}
        <Journey mail={mail} />
        {mail.attempts.length > 0 && <Attempts mail={mail} />}
      </Card>
      <Card className={styles.card}>
        <Subtitle2 as="h2">{t('mail.facts')}</Subtitle2>
        <Facts
          facts={[
            [t('mail.from'), people([mail.from])],
            [t('mail.to'), people(mail.to)],
            mail.cc.length > 0 ? [t('mail.cc'), people(mail.cc)] : null,
            [t('mail.direction_label'), t(`mail.direction.${mail.direction}`)],
            mail.direction === 'in' && isNoticedBy(mail.noticed_by)
              ? [t('mail.noticed_by'), t(`noticed_by.${mail.noticed_by}`)]
              : null,
            mail.size > 0 ? [t('mail.size'), fileSize(mail.size, i18n.language)] : null,
            mail.message_id ? [t('mail.message_id'), mail.message_id] : null,
            mail.imported ? [t('ticket.origin'), t('mail.imported')] : null,
            mail.ticket_id
              ? [t('mail.ticket'), <TextLink to={`/tickets/${mail.ticket_id}`}>#{mail.ticket_id}</TextLink>]
              : null,
            mail.original_id
              ? [
                  t('mail.original'),
                  <TextLink to={`/admin/mail/${mail.original_id}`}>{t('mail.see_original')}</TextLink>,
                ]
              : null,
            mail.next_attempt_at ? [t('mail.next_attempt'), <Time at={mail.next_attempt_at} />] : null,
          ]}
        />
        <Accordion collapsible multiple defaultOpenItems={['text']}>
          {mail.text_preview && (
            <AccordionItem value="text">
              <AccordionHeader>{t('mail.text')}</AccordionHeader>
              <AccordionPanel>
                <pre className={styles.text} tabIndex={0}>
                  {mail.text_preview}
                </pre>
              </AccordionPanel>
            </AccordionItem>
          )}
          {mail.headers.length > 0 && (
            <AccordionItem value="headers">
              <AccordionHeader>{t('mail.headers', { count: mail.headers.length })}</AccordionHeader>
              <AccordionPanel>
                <div className={styles.headers}>
                  {mail.headers.map((header, i) => (
                    <div key={i}>
                      <b>{header.name}:</b> {header.value}
                    </div>
                  ))}
                </div>
              </AccordionPanel>
            </AccordionItem>
          )}
        </Accordion>
      </Card>
    </div>
  )
}

function Attempts({ mail }: { mail: MailDetails }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const stepOf = (step: string): string => (i18n.exists(`step.${step}`) ? String(t(`step.${step}` as never)) : step)
  return (
    <section>
      <Subtitle2 as="h2">{t('mail.attempts')}</Subtitle2>
      <div className={styles.scroll}>
        <Table size="extra-small" aria-label={t('mail.attempts')}>
          <TableHeader>
            <TableRow>
              <TableHeaderCell>{t('mail.when')}</TableHeaderCell>
              <TableHeaderCell>{t('mail.step')}</TableHeaderCell>
              <TableHeaderCell>{t('mail.outcome')}</TableHeaderCell>
            </TableRow>
          </TableHeader>
          <TableBody>
            {mail.attempts.map((attempt, i) => (
              <TableRow key={i}>
                <TableCell>
                  <Time at={attempt.at} />
                </TableCell>
                <TableCell>{stepOf(attempt.step)}</TableCell>
                <TableCell>
                  <span>
                    {attempt.outcome === 'ok' ? t('mail.ok') : attempt.outcome}
                    {attempt.detail && (
                      <Text size={200} block>
                        {attempt.detail}
                      </Text>
                    )}
                  </span>
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </div>
    </section>
  )
}

const people = (list: Person[]) =>
  list.map(({ name, email }) => (name ? `${name} <${email}>` : email)).join(', ') || '–'
